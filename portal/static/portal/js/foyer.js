// What every page gains with JavaScript, in one file to spare requests. Nothing here is needed to use the site.

// Menus are <details>; with JavaScript they also close on Escape and on a click elsewhere.
function closeMenus() {
  const open = () => document.querySelectorAll("details.menu[open]");
  document.addEventListener("click", (event) => {
    for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of open()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
}

// The footer's choice of theme: the system's, light or dark. Kept on this device only.
function offerTheme() {
  const select = document.querySelector("[data-theme-choice] select");
  if (!select) return;
  const root = document.documentElement;
  select.value = root.dataset.theme ?? "";
  select.addEventListener("change", () => {
    if (select.value) root.dataset.theme = select.value;
    else delete root.dataset.theme;
    try {
      localStorage.setItem("theme", select.value);
    } catch {
      // Storage is off: the choice holds for this page.
    }
  });
}

// Beside a time at the venue: the viewer's own, where it differs.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const language = document.documentElement.lang || undefined;

function wallClock(instant, timeZone) {
  return new Intl.DateTimeFormat(language, {
    timeZone, weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  }).format(instant);
}

function showLocalTimes() {
  for (const time of document.querySelectorAll("time[data-viewer]")) {
    const instant = new Date(time.dateTime);
    const mine = wallClock(instant, zone);
    if (mine === wallClock(instant, time.dataset.zone)) continue;
    const note = document.createElement("span");
    note.className = "viewer-time";
    note.textContent = time.dataset.viewer.replace("{}", mine);
    time.after(note);
  }
}

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

function growSteppers() {
  for (const field of document.querySelectorAll("input[type=number][data-stepper]")) {
    const wrapper = document.createElement("span");
    wrapper.className = "stepper";
    field.replaceWith(wrapper);
    const { less = "Fewer", more = "More" } = field.dataset;
    wrapper.append(button("−", less, -1, field), field, button("+", more, 1, field));
  }
}

// Buttons that copy a field's text, and the device's own way to share where it has one.
function offerSharing() {
  for (const copier of document.querySelectorAll("[data-copy]")) {
    copier.addEventListener("click", async () => {
      const field = document.getElementById(copier.dataset.copy);
      field.select();
      try {
        await navigator.clipboard.writeText(field.value);
        copier.textContent = copier.dataset.done;
      } catch {
        // Not allowed here: the text is selected, and can be copied by hand.
      }
    });
  }
  for (const sharer of document.querySelectorAll("[data-share]")) {
    sharer.hidden = !navigator.share;
    sharer.addEventListener("click", () => {
      navigator.share({ title: sharer.dataset.title, url: sharer.dataset.share }).catch(() => {});
    });
  }
}

closeMenus();
offerSharing();
offerTheme();
showLocalTimes();
growSteppers();
