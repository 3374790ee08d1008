// Builds dist/: studio.js (shared by all pages), zh-cn.js (translations of declarations), one module per page in src/pages, boot.js (runs before anything else) and studio.css.
import { readdirSync } from "node:fs";
import { basename } from "node:path";
import esbuild from "esbuild";

const common = {
  bundle: true,
  minify: true,
  target: ["es2022"],
  legalComments: "none",
  logLevel: "info",
  jsx: "automatic",
  jsxImportSource: "preact",
  outdir: "dist",
  absWorkingDir: import.meta.dirname,
};

// Pages import "@studio" (and the libraries it hands on); in the browser that is the one shared module, so state exists once.
const shared = {
  name: "shared",
  setup(build) {
    build.onResolve({ filter: /^(@studio|preact|preact\/hooks|preact\/jsx-runtime|@preact\/signals|uplot)$/ }, () => ({
      path: "./studio.js",
      external: true,
    }));
  },
};

// React Flow is drawn by Preact, as everything else.
const alias = { react: "preact/compat", "react-dom": "preact/compat", "react/jsx-runtime": "preact/jsx-runtime" };

// Loaded by pages in another language than English only.
const declarations = {
  name: "declarations",
  setup(build) {
    build.onResolve({ filter: /^@declarations$/ }, () => ({ path: "./zh-cn.js", external: true }));
  },
};

const pages = readdirSync(new URL("src/pages", import.meta.url))
  .filter((name) => name.endsWith(".tsx"))
  .map((name) => ({ in: `src/pages/${name}`, out: basename(name, ".tsx") }));

const builds = [
  { ...common, format: "esm", entryPoints: [{ in: "src/studio/bundle.ts", out: "studio" }], plugins: [declarations] },
  { ...common, format: "esm", charset: "utf8", entryPoints: [{ in: "src/studio/declarations.ts", out: "zh-cn" }] },
  { ...common, format: "esm", entryPoints: pages, plugins: [shared], alias },
  { ...common, format: "iife", entryPoints: [{ in: "src/studio/boot.ts", out: "boot" }] },
  { ...common, target: ["chrome111", "firefox113", "safari16.4"], entryPoints: [{ in: "src/styles/index.css", out: "studio" }] },
];

if (process.argv.includes("--watch")) {
  for (const options of builds) await (await esbuild.context(options)).watch();
} else {
  await Promise.all(builds.map((options) => esbuild.build(options)));
}
