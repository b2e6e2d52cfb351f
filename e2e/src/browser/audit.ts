/**
 * Looks at a page as an accessibility checker does (U-288, U-289): contrast of every text, names of controls, order of
 * headings, size of targets, ids. Runs inside the browser, as text, because tests have no DOM of their own.
 */
import type { Page } from "playwright-core";

/** What is wrong, in words; empty when all is well. */
export async function audit(page: Page): Promise<readonly string[]> {
  return (await page.evaluate(`(${AUDIT})()`)) as string[];
}

const AUDIT = String.raw`() => {
  const problems = [];
  const short = (element) => element.outerHTML.slice(0, 90).replace(/\s+/g, " ");
  const shown = (element) =>
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
    !element.closest(".visually-hidden, details:not([open]) > :not(summary)");

  const parse = (color) => {
    const parts = color.match(/[\d.]+/g).map(Number);
    return color.startsWith("color(srgb") ? [...parts.slice(0, 3).map((part) => part * 255), parts[3] ?? 1] : [...parts.slice(0, 3), parts[3] ?? 1];
  };
  const over = ([r, g, b, a], below) => [r, g, b].map((part, i) => part * a + below[i] * (1 - a));
  const light = (rgb) => {
    const [r, g, b] = rgb.map((part) => part / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.unshift(parse(getComputedStyle(at).backgroundColor));
    return layers.reduce((below, layer) => over(layer, below), [255, 255, 255]);
  };
  const contrast = (color, below) => {
    const [a, b] = [light(over(color, below)), light(below)];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  };

  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = new Set();
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || seen.has(element)) continue;
    seen.add(element);
    if (!shown(element) || element.closest("[aria-disabled=true], :disabled, option, script, style, noscript")) continue;
    const style = getComputedStyle(element);
    let opacity = 1;
    for (let at = element; at; at = at.parentElement) opacity *= Number(getComputedStyle(at).opacity);
    const [r, g, b, a] = parse(style.color);
    const ratio = contrast([r, g, b, a * opacity], ground(element));
    const size = Number.parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) problems.push("contrast " + ratio.toFixed(2) + ": " + short(element));
  }

  const name = (element) => {
    const by = (element.getAttribute("aria-labelledby") ?? "").split(" ").map((id) => document.getElementById(id)?.textContent ?? "").join("");
    const labels = [...(element.labels ?? [])].map((label) => label.textContent).join("");
    return (element.getAttribute("aria-label") || by || labels || element.textContent || element.title || "").trim();
  };
  for (const element of document.querySelectorAll("a[href], button, input, select, textarea, summary, dialog, nav, fieldset")) {
    if (!shown(element)) continue;
    const legend = element.tagName === "FIELDSET" ? element.querySelector("legend")?.textContent : undefined;
    if (!name(element) && !legend) problems.push("no name: " + short(element));
    if (element.tabIndex > 0) problems.push("tabindex: " + short(element));
    if (element.closest("[aria-hidden=true]")) problems.push("hidden from readers: " + short(element));
    if (/^(A|BUTTON|SUMMARY)$/.test(element.tagName) && element.parentElement.closest("a, button")) problems.push("control in a control: " + short(element));
    const box = element.getBoundingClientRect();
    if (/^(BUTTON|INPUT|SELECT|SUMMARY)$/.test(element.tagName) && (box.height < 20 || box.width < 20) && !element.closest(".choice"))
      problems.push("small target " + box.width.toFixed() + "x" + box.height.toFixed() + ": " + short(element));
  }
  for (const image of document.querySelectorAll("img:not([alt]), svg:not([aria-hidden=true]):not([role])")) problems.push("no text for " + short(image));
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  for (const id of new Set(ids.filter((id, index) => ids.indexOf(id) !== index))) problems.push("id twice: " + id);
  if (!document.documentElement.lang) problems.push("no language");
  const mains = document.querySelectorAll("main").length;
  if (mains !== 1) problems.push(mains + " main");
  let level = 0;
  for (const heading of document.querySelectorAll("h1, h2, h3, h4")) {
    if (!shown(heading) || heading.closest("dialog")) continue;
    const next = Number(heading.tagName[1]);
    if (next > level + 1) problems.push("heading skips a level: " + short(heading));
    level = next;
  }
  if (document.querySelectorAll("h1").length !== 1) problems.push("not one h1");
  for (const cell of document.querySelectorAll("th:not([scope])")) problems.push("no scope: " + short(cell));
  return problems;
}`;
