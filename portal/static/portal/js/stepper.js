// Number fields marked data-stepper get a button for less and one for more. Without JavaScript they are number fields.
function button(text, label, step, field) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "button button--quiet";
  element.textContent = text;
  element.setAttribute("aria-label", label);
  element.addEventListener("click", () => {
    if (field.value === "") field.value = "0";
    if (step > 0) field.stepUp();
    else field.stepDown();
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
  return element;
}

export function growSteppers() {
  for (const field of document.querySelectorAll("input[type=number][data-stepper]")) {
    const wrapper = document.createElement("span");
    wrapper.className = "stepper";
    field.replaceWith(wrapper);
    const { less = "Fewer", more = "More" } = field.dataset;
    wrapper.append(button("−", less, -1, field), field, button("+", more, 1, field));
  }
}
