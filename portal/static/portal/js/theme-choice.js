// The footer's choice of theme: the system's, light or dark. Kept on this device only.
export function offerTheme() {
  const select = document.querySelector("[data-theme-choice] select");
  if (!select) return;
  const root = document.documentElement;
  select.value = root.dataset.theme ?? "";
  select.closest("[data-theme-choice]").hidden = false;
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
