// The module every page shares: the studio's own parts, and the libraries that pages import by their own names.
export * from "preact";
export * from "preact/hooks";
export { jsx, jsxs, jsxDEV, Fragment as JsxFragment } from "preact/jsx-runtime";
export * from "@preact/signals";
export { default } from "uplot";
export * from "./index";
import { start } from "./start";

start();
