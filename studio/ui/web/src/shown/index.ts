/** Values of samples on the pages: each module here draws some kinds of parts. */
import "./compare";
import "./neighbours";
import "./masks";
import "./plain";
import "./series";
import "./sounds";
import "./written";

export { type Part, Parts, Shown, Tools } from "./part";
