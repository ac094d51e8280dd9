// Bundles the page into one file: build.mjs OUTPUT, with NODE_PATH naming the packages; nothing but what stands beside it is read.
import fs from "node:fs";
import path from "node:path";
import {createRequire} from "node:module";

const here = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname);
const esbuild = createRequire(path.join(process.env.NODE_PATH, "x.js"))("esbuild");
const bundle = (entry, loader) =>
  esbuild.buildSync({entryPoints: [path.join(here, "src", entry)], bundle: true, minify: true, write: false, format: loader,
    target: "es2022", nodePaths: [process.env.NODE_PATH], legalComments: "none", charset: "utf8"}).outputFiles[0].text;
const script = bundle("main.js", "iife").replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");
const style = bundle("style.css");
const frame = fs.readFileSync(path.join(here, "src", "page.html"), "utf8");
fs.writeFileSync(process.argv[2], frame.replace("/*STYLE*/", () => style).replace("/*SCRIPT*/", () => script));
