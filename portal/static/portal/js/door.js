// At the door: codes from the camera, and answers without leaving the page. Without this file the form does it all.
const root = document.querySelector("[data-door]");
const form = root.querySelector("form[data-scan]");
const answer = root.querySelector("[data-answer]");
const field = form.elements.code;
const camera = root.querySelector("[data-camera]");
const video = root.querySelector("[data-video]");
const trouble = root.querySelector("[data-trouble]");
const AGAIN_AFTER = 4000; // ms until the same code in front of the camera is a new scan
const waiting = []; // scans, the first of which is being checked
let busy = false;

function tell(text) {
  trouble.textContent = text;
  trouble.hidden = !text;
}

async function send(scan) {
  if (busy && scan !== form) return; // the button of an answer that is about to be replaced
  waiting.push(new FormData(scan));
  if (scan === form) field.value = ""; // at once: a scanner may type the next code before this one is answered
  if (busy) return;
  busy = true;
  tell("");
  try {
    for (; waiting.length; waiting.shift()) await check(waiting[0]);
  } catch {
    if (!waiting[0].has("take_cash")) field.value = waiting[0].get("code");
    waiting.length = 0;
    tell(answer.dataset.offline);
  } finally {
    busy = false;
    if (!running) field.focus({ preventScroll: true });
  }
}

async function check(body) {
  // Every scan is another one; a scan whose answer was lost is sent again under its own nonce.
  body.set("nonce", form.elements.nonce.value);
  const reply = await fetch(location.pathname, { method: "POST", body, headers: { "X-Requested-With": "door" } });
  if (reply.redirected || reply.status >= 500) throw new Error(reply.status);
  answer.innerHTML = await reply.text();
  form.elements.nonce.value = answer.querySelector("[data-nonce]").dataset.nonce;
  const result = answer.querySelector("[data-result]");
  result?.scrollIntoView({ block: "nearest" });
  if (result && navigator.vibrate) navigator.vibrate(result.dataset.result === "valid" ? 60 : [120, 80, 120]);
}

root.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-scan]")) return;
  event.preventDefault();
  send(event.target);
});

// ---- camera

let running = null;
let last = { text: "", at: 0 };

async function decoder() {
  if ("BarcodeDetector" in window) {
    const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
    return async (frame) => (await detector.detect(frame))[0]?.rawValue;
  }
  if (!window.jsQR) await load(root.dataset.decoder);
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  return async (frame) => {
    const scale = Math.min(1, 800 / frame.videoWidth);
    canvas.width = Math.round(frame.videoWidth * scale);
    canvas.height = Math.round(frame.videoHeight * scale);
    context.drawImage(frame, 0, 0, canvas.width, canvas.height);
    const pixels = context.getImageData(0, 0, canvas.width, canvas.height);
    return window.jsQR(pixels.data, pixels.width, pixels.height, { inversionAttempts: "dontInvert" })?.data;
  };
}

function load(src) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    Object.assign(script, { src, onload: resolve, onerror: reject });
    document.head.append(script);
  });
}

async function start() {
  try {
    const read = await decoder();
    running = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    video.srcObject = running;
    video.hidden = false;
    await video.play();
    camera.setAttribute("aria-pressed", "true");
    watch(read, running);
  } catch {
    stop();
    tell(answer.dataset.noCamera);
  }
}

function stop() {
  running?.getTracks().forEach((track) => track.stop());
  running = null;
  video.hidden = true;
  camera.setAttribute("aria-pressed", "false");
}

async function watch(read, stream) {
  while (running === stream) {
    const text = busy ? "" : await read(video).catch(() => "");
    if (text && (text !== last.text || Date.now() - last.at > AGAIN_AFTER)) {
      field.value = text;
      await send(form);
    }
    if (text) last = { text, at: Date.now() };
    await new Promise((resolve) => setTimeout(resolve, 120));
  }
}

if (camera && navigator.mediaDevices?.getUserMedia && (root.dataset.decoder || "BarcodeDetector" in window)) {
  camera.hidden = false;
  camera.addEventListener("click", () => (running ? stop() : start()));
}
