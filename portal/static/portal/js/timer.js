// Counts down how long places are held, warns in time, and shows the page anew when they lapse.
const WARN_BELOW = 120; // seconds

for (const timer of document.querySelectorAll("[data-expires]")) {
  const expires = Date.parse(timer.dataset.expires);
  const shown = timer.querySelector("[data-remaining]");
  const warning = timer.querySelector("[data-warning]");

  const tick = () => {
    const seconds = Math.max(0, Math.round((expires - Date.now()) / 1000));
    if (shown) shown.textContent = `(${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")})`;
    if (seconds < WARN_BELOW && !timer.classList.contains("timer--soon")) {
      timer.classList.add("timer--soon");
      if (warning) warning.textContent = warning.dataset.warning;
    }
    if (seconds === 0) {
      clearInterval(running);
      setTimeout(() => location.reload(), 1500);
    }
  };
  const running = setInterval(tick, 1000);
  tick();
}
