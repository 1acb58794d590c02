// For partners' pages: <a href="…" data-foyer-event="12">Tickets</a> becomes a frame in which tickets are chosen.
// data-theme="light" or "dark" sets its colours, data-via an affiliate's code. Without this script it stays a link.
(() => {
  const { origin } = new URL(document.currentScript.src);

  function show(link) {
    const { foyerEvent, theme = "", via = "" } = link.dataset;
    if (!/^\d{1,9}$/.test(foyerEvent)) return;
    const frame = document.createElement("iframe");
    frame.src = `${origin}/embed/events/${foyerEvent}/?${new URLSearchParams({ theme, via })}`;
    frame.title = link.textContent.trim() || "Tickets";
    frame.dataset.foyerEvent = foyerEvent;
    Object.assign(frame.style, { border: 0, width: "100%", maxWidth: "30rem", height: "26rem" });
    link.replaceWith(frame);
  }

  function start() {
    document.querySelectorAll("a[data-foyer-event]").forEach(show);
  }

  addEventListener("message", ({ origin: from, source, data }) => {
    if (from !== origin || data?.foyer !== "height" || !(data.height > 0 && data.height < 5000)) return;
    for (const frame of document.querySelectorAll("iframe[data-foyer-event]")) {
      if (frame.contentWindow === source) frame.style.height = `${Math.ceil(data.height)}px`;
    }
  });
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", start);
  else start();
})();
