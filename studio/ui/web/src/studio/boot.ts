// Runs in the head before anything is drawn: the colours and the language a person chose hold from the first paint,
// for our own parts and for Gradio's (which follows navigator.language and the class "dark" on the body).
const THEME = "studio.theme";
const LANGUAGE = "studio.language";

function stored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // storage is forbidden in this browser: the system's choices hold
  }
}

const root = document.documentElement;
const asked = new URLSearchParams(location.search).get("__theme");
const chosen = stored(THEME) ?? asked;
const dark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
root.dataset.theme = dark ? "dark" : "light";

const language = stored(LANGUAGE) ?? (navigator.language.toLowerCase().startsWith("zh") ? "zh-CN" : "en");
root.lang = language;
Object.defineProperty(navigator, "language", { configurable: true, get: () => root.lang });
Object.defineProperty(navigator, "languages", { configurable: true, get: () => [root.lang] });

// Gradio sets the body's class by the system's preference whenever it starts; ours wins.
const follow = () => {
  const wanted = root.dataset.theme === "dark";
  if (document.body && document.body.classList.contains("dark") !== wanted) document.body.classList.toggle("dark", wanted);
};
addEventListener("DOMContentLoaded", () => {
  follow();
  new MutationObserver(follow).observe(document.body, { attributes: true, attributeFilter: ["class"] });
});
new MutationObserver(follow).observe(root, { attributes: true, attributeFilter: ["data-theme"] });

// The clock of Gradio's start display asks for one more frame for ever, also when the display has long gone: the browser would
// draw 60 times a second while nothing moves, and take the processor from the training. No page of ours shows that clock.
const nextFrame = requestAnimationFrame.bind(window);
window.requestAnimationFrame = (callback) => (/performance\.now\(\) ?- ?.*1e3/.test(String(callback)) ? 0 : nextFrame(callback));
