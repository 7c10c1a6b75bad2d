import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";

const ROOT = new URL("../../frontend/", import.meta.url);
const read = (path) => readFileSync(new URL(path, ROOT), "utf8");
const files = (folder, suffix) =>
  readdirSync(new URL(folder, ROOT), { recursive: true }).filter((name) => name.endsWith(suffix)).map((name) => folder + name);
const scripts = files("static/js/", ".js");

test("raw colours and lengths live in tokens.css only", () => {
  for (const path of files("static/css/", ".css").filter((name) => !name.endsWith("tokens.css"))) {
    const css = read(path).replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/@media[^{]*/g, "");
    const raw = css.match(/#[0-9a-f]{3,8}\b|\brgba?\(|\b\d*\.?\d+(px|rem|em)\b/gi) ?? [];
    assert.deepEqual(raw, [], path);
  }
});

test("every custom property that is used is defined", () => {
  const all = files("static/css/", ".css").map(read).join("\n");
  const defined = new Set([...all.matchAll(/(--[\w-]+)\s*:/g)].map(([, name]) => name));
  const used = [...all.matchAll(/var\((--[\w-]+)/g)].map(([, name]) => name);
  assert.deepEqual(used.filter((name) => !defined.has(name)), []);
});

test("only the client talks HTTP, only the socket module touches Socket.IO", () => {
  for (const path of scripts) {
    const code = read(path).replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
    assert.equal(/\bfetch\(|XMLHttpRequest/.test(code), path.endsWith("api/client.js"), path);
    assert.equal(/\bio\(/.test(code), path.endsWith("realtime/socket.js"), path);
    assert.doesNotMatch(code, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/, path);
  }
});

test("modules stay below 200 lines, the type declarations apart", () => {
  for (const path of scripts.filter((name) => !name.endsWith("types.js"))) {
    assert.ok(read(path).split("\n").length <= 201, path);
  }
});

test("templates carry no inline script, handler or style, and name no other host", () => {
  for (const path of files("templates/", ".html")) {
    const html = read(path);
    assert.doesNotMatch(html, /\son\w+\s*=|\sstyle\s*=|<style|https?:\/\//i, path);
    for (const [tag] of html.matchAll(/<script[^>]*>/g)) assert.match(tag, /\ssrc=|application\/json/, path);
  }
});
