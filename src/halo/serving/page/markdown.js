/* Markdown of model cards -> elements. Text becomes text nodes only; links lead to http(s) addresses only. */

import { element } from "./elements.js";

const INLINE = /(`+)(.+?)\1|\*\*(.+?)\*\*|\*([^*\s][^*]*?)\*|\[([^\]]+)\]\(([^()\s]+)\)|<(https?:\/\/[^<>\s]+)>/g;

/** Returns the elements of a Markdown text: headings, paragraphs, lists, tables, quotes, code, emphasis and links. */
export function markdown(text) {
  const lines = text.replace(/\r\n?/g, "\n").split("\n");
  const blocks = [];
  let at = 0;
  if (lines[0] === "---" && lines.indexOf("---", 1) > 0) { // metadata in YAML
    at = lines.indexOf("---", 1) + 1;
    blocks.push(codeBlock(lines.slice(1, at - 1)));
  }
  while (at < lines.length) {
    const { node, end } = block(lines, at);
    if (node) blocks.push(node);
    at = end;
  }
  return blocks;
}

function block(lines, at) {
  const line = lines[at];
  if (!line.trim()) return { node: null, end: at + 1 };
  const fence = line.match(/^\s*(```+|~~~+)/);
  if (fence) return fenced(lines, at, fence[1]);
  if (INDENT.test(line)) return taken(lines, at, /^( {4}|\t|\s*$)/, (each) => codeBlock(each.map((one) => one.replace(INDENT, ""))));
  const heading = line.match(/^(#{1,6})\s+(.*?)\s*#*$/);
  if (heading) return { node: element(`h${Math.min(heading[1].length + 1, 6)}`, {}, ...inline(heading[2])), end: at + 1 };
  if (/^\s*([-*_])(\s*\1){2,}\s*$/.test(line)) return { node: element("hr"), end: at + 1 };
  if (isTable(lines, at)) return taken(lines, at, /\|/, table);
  if (/^\s*>/.test(line)) return taken(lines, at, /^\s*>/, (each) =>
    element("blockquote", {}, ...markdown(each.map((one) => one.replace(/^\s*> ?/, "")).join("\n"))));
  if (LIST_ITEM.test(line)) return list(lines, at);
  return taken(lines, at, /^(?!\s*$|#{1,6}\s|\s*(```|~~~)|\s*>|\s*[-*+]\s)/, (each) => element("p", {}, ...inline(each.join(" "))));
}

const INDENT = /^( {4}|\t)/;
const LIST_ITEM = /^\s*(?:[-*+]|(\d+)[.)])\s+/;

/** Takes the first line and the following ones that match. */
function taken(lines, at, pattern, make) {
  let end = at + 1;
  while (end < lines.length && pattern.test(lines[end])) end++;
  return { node: make(lines.slice(at, end)), end };
}

function fenced(lines, at, fence) {
  let end = at + 1;
  while (end < lines.length && !lines[end].trim().startsWith(fence)) end++;
  return { node: codeBlock(lines.slice(at + 1, end)), end: end + 1 };
}

function list(lines, at) {
  const items = [];
  let end = at;
  for (; end < lines.length && lines[end].trim(); end++) {
    if (LIST_ITEM.test(lines[end])) items.push(lines[end].replace(LIST_ITEM, ""));
    else if (/^\s+\S/.test(lines[end])) items[items.length - 1] += ` ${lines[end].trim()}`;
    else break;
  }
  const kind = lines[at].match(LIST_ITEM)[1] ? "ol" : "ul";
  return { node: element(kind, {}, ...items.map((item) => element("li", {}, ...inline(item)))), end };
}

const isTable = (lines, at) => lines[at].includes("|") && /^\s*\|?(\s*:?-+:?\s*\|)+\s*(:?-+:?\s*)?$/.test(lines[at + 1] ?? "");

function table([head, , ...rows]) {
  const cells = (row) => row.trim().replace(/^\||\|$/g, "").split("|").map((cell) => inline(cell.trim()));
  const header = element("tr", {}, ...cells(head).map((cell) => element("th", { scope: "col" }, ...cell)));
  const body = rows.map((row) => element("tr", {}, ...cells(row).map((cell) => element("td", {}, ...cell))));
  return scrollable(element("table", {}, element("thead", {}, header), element("tbody", {}, ...body)));
}

const codeBlock = (lines) => scrollable(element("pre", {}, element("code", {}, lines.join("\n").replace(/\s+$/, ""))));

const scrollable = (content) => element("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": "Table or code" }, content);

function inline(text) {
  const parts = [];
  let position = 0;
  for (const match of text.matchAll(INLINE)) {
    const [all, , code, strong, emphasis, label, target, address] = match;
    parts.push(text.slice(position, match.index));
    position = match.index + all.length;
    if (code !== undefined) parts.push(element("code", {}, code.trim()));
    else if (strong !== undefined) parts.push(element("strong", {}, ...inline(strong)));
    else if (emphasis !== undefined) parts.push(element("em", {}, ...inline(emphasis)));
    else parts.push(link(target ?? address, label ?? address));
  }
  parts.push(text.slice(position));
  return parts.filter((part) => part !== "");
}

const link = (target, label) =>
  /^https?:\/\//i.test(target) ? element("a", { href: target, rel: "noreferrer" }, label) : `${label} (${target})`;
