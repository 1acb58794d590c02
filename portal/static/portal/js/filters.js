// Sorting takes effect when it is chosen; a filter form leaves empty fields out of the address.
const form = document.getElementById("filters");
const sort = document.querySelector("select[form=filters]");

if (form) {
  form.addEventListener("formdata", ({ formData }) => {
    for (const [name, value] of [...formData]) if (value === "") formData.delete(name);
  });
}
if (form && sort) {
  sort.addEventListener("change", () => form.requestSubmit());
}
