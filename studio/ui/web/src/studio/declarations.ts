import zh from "../../../words/zh-CN.declarations.json";
import type { Catalogue } from "./translate";

/** Translations of what is declared and said in Python: a module of its own, loaded by pages in Chinese only. */
const catalogue: Catalogue = zh;
export default catalogue;
