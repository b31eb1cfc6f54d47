/* The page of halo serve: starts the views, and connects them with the models, the settings and what is remembered. */

import { Classifying } from "./classifying/classifying.js";
import { byId, element } from "./elements.js";
import { markdown } from "./markdown.js";
import { Messages } from "./messages.js";
import { count } from "./numbers.js";
import { Reading } from "./reading/reading.js";
import { getJson, isStopped, setTokenPrompt } from "./server.js";
import { keepState, keptState, linkTo, stateOfLink } from "./session.js";
import { Seed, Settings } from "./settings.js";
import { WordCard } from "./word_card.js";
import { Writing } from "./writing/writing.js";
import { WrittenText } from "./writing/written_text.js";

const KEEP_AFTER_MS = 200;
const MODEL_VIEWS = ["write", "read"];
const ALL_VIEWS = [...MODEL_VIEWS, "classify", "card"];

/** What the views share. */
const page = {
  written: new WrittenText(),
  card: new WordCard(),
  messages: new Messages(),
  models: { all: [], first: null, second: null },
  settings: null,
  seed: null,
  keep: () => {},
};
let writing = null;
let reading = null;
let classifying = null;
/** The views that this server has: those of language models, that of classifiers, or both. */
let views = [];
let view = null;
let keepTimer = 0;

async function start() {
  setTokenPrompt(askForToken);
  const stated = await getJson("/api/models");
  page.messages.say("");
  byId("main").inert = false;
  page.models.all = stated.models;
  const hasModels = stated.models.length > 0;
  views = [...(hasModels ? MODEL_VIEWS : []), ...(stated.classifiers.length ? ["classify"] : []), ...(hasModels ? ["card"] : [])];
  if (stated.classifiers.length) classifying = new Classifying(page, stated.classifiers);
  if (!hasModels) {
    startWithoutModels();
    return;
  }
  chooseModels(stated.models[0].id, null);
  page.settings = new Settings(byId("settings"), stated, changed);
  page.seed = new Seed(() => page.keep());
  writing = new Writing(page);
  reading = new Reading(page);
  connectTabs();
  connectModels();
  byId("link").onclick = copyLink;
  byId("read-this").onclick = () => {
    reading.text = page.written.text;
    showView("read");
    reading.score();
  };
  page.keep = keep;
  restore();
  addEventListener("hashchange", openLink);
  addEventListener("pagehide", () => keep({ isUrgent: true }));
}

/** Shows the only view of a server that has classifiers and no language model. */
function startWithoutModels() {
  byId("model-choice").hidden = true;
  connectTabs();
  classifying.text = keptState()?.classifyText ?? "";
  showView("classify");
  page.keep = keep;
  addEventListener("pagehide", () => keep({ isUrgent: true }));
}

/** Shows the state of a link, else what this tab held before a reload, else a frequent beginning of the corpus. */
function restore() {
  const kept = keptState();
  if (kept) apply(kept);
  else {
    page.written.text = page.models.all[0].beginnings?.[0] ?? "";
    showView("write");
  }
  if (openLink()) return;
  writing.show({ caret: page.written.text.length });
  writing.refreshNext();
}

/** Takes over the state of a link; the text before it can be had back with undo. */
function openLink() {
  const linked = stateOfLink(location.hash);
  if (!linked) return false;
  history.replaceState(null, "", location.pathname); // or a reload would undo what is written from here on
  if (linked.text !== null) page.written.remember();
  apply(linked);
  writing.isLive = false;
  writing.show({ caret: page.written.text.length });
  writing.refreshNext();
  keep();
  return true;
}

function apply(state) {
  const known = (id) => page.models.all.some((model) => model.id === id);
  const missing = [state.model, state.second].filter((id) => id && !known(id));
  chooseModels(known(state.model) ? state.model : page.models.first, known(state.second) ? state.second : null);
  const refused = page.settings.restore(state.settings ?? {});
  if ((state.seed ?? null) !== null && !page.seed.set(state.seed, Boolean(state.keepSeed))) refused.push("seed");
  if (typeof state.text === "string") {
    page.written.text = state.text.replace(/\r\n?/g, "\n");
    page.written.words = state.words ?? [];
  }
  if (typeof state.readText === "string") reading.text = state.readText;
  if (classifying && typeof state.classifyText === "string") classifying.text = state.classifyText;
  showView(views.includes(state.view) ? state.view : "write");
  const problems = [
    ...missing.map((id) => `This server has no model “${id}”.`),
    ...refused.map((name) => `The value of ${name} is not allowed; another one is used.`),
  ];
  if (problems.length) page.messages.fail(problems.join(" "));
}

function state() {
  if (!writing) return { view, classifyText: classifying.text };
  return {
    view, classifyText: classifying?.text ?? null, model: page.models.first, second: page.models.second, settings: page.settings.values,
    seed: page.seed.value, keepSeed: page.seed.isKept,
    text: page.written.text, words: page.written.words, readText: reading.text,
  };
}

/** Keeps the state in this tab, at once or after a moment: while words stream in, it changes with each of them. */
function keep({ isUrgent = false } = {}) {
  if (!isUrgent) {
    keepTimer ||= setTimeout(() => keep({ isUrgent: true }), KEEP_AFTER_MS);
    return;
  }
  clearTimeout(keepTimer);
  keepTimer = 0;
  if (!keepState(state())) page.messages.say("The text is too long to be kept in this tab: copy it before you reload.");
}

function changed() {
  page.keep();
  writing?.refreshNext();
}

async function copyLink() {
  const address = linkTo(state());
  byId("link-address").value = address;
  byId("link-box").hidden = false;
  byId("link-address").select();
  try {
    await navigator.clipboard.writeText(address);
    page.messages.say("Link copied. It holds the text and the settings; opening it sends nothing to a server until you ask.");
  } catch {
    byId("link-address").focus();
    page.messages.say("Copy the link below.");
  }
}

function connectTabs() {
  const tabs = views.map((name) => byId(`tab-${name}`));
  for (const tab of byId("tabs").children) tab.hidden = !tabs.includes(tab);
  tabs.forEach((tab, index) => {
    tab.onclick = () => {
      showView(views[index]);
      keep();
    };
    tab.onkeydown = (event) => {
      const target = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: tabs.length - 1 }[event.key];
      if (target === undefined) return;
      event.preventDefault();
      const next = tabs.at(target % tabs.length);
      next.focus();
      next.click();
    };
  });
}

function showView(name) {
  if (name !== view) page.messages.say("");
  view = name;
  for (const each of ALL_VIEWS) {
    byId(each).hidden = each !== name;
    byId(`tab-${each}`).setAttribute("aria-selected", String(each === name));
    byId(`tab-${each}`).tabIndex = each === name ? 0 : -1;
  }
  page.card.hide();
  if (name === "card") showCard();
}

/** Fills the lists of models and connects them; the second list is shown where the server has two models or more. */
function connectModels() {
  const several = page.models.all.length > 1;
  byId("second").hidden = byId("second-label").hidden = !several;
  for (const select of [byId("model"), byId("second")]) {
    select.onchange = () => {
      chooseModels(byId("model").value, byId("second").value || null);
      writing.show();
      changed();
      if (view === "card") showCard();
    };
  }
}

function chooseModels(first, second) {
  Object.assign(page.models, { first, second: second === first ? null : second });
  const option = (id, chosen) => element("option", { value: id, selected: id === chosen }, id);
  byId("model").replaceChildren(...page.models.all.map(({ id }) => option(id, first)));
  const others = page.models.all.filter(({ id }) => id !== first);
  byId("second").replaceChildren(element("option", { value: "" }, "no other"), ...others.map(({ id }) => option(id, page.models.second)));
}

async function showCard() {
  const container = byId("card-content");
  const ids = [page.models.first, page.models.second].filter((id) => id !== null);
  container.setAttribute("aria-busy", "true");
  try {
    const cards = await Promise.all(ids.map(cardOf));
    container.replaceChildren(...ids.map((id, index) => element("article", { class: "card" }, facts(id), ...cards[index])));
  } catch (error) {
    if (!isStopped(error)) page.messages.fail(error, showCard);
  }
  container.removeAttribute("aria-busy");
}

async function cardOf(id) {
  try {
    const { markdown: text } = await getJson(`/api/card?${new URLSearchParams({ model: id })}`);
    return markdown(text);
  } catch (error) {
    if (error.status === 404) return [element("p", {}, `${error.message}.`)];
    throw error;
  }
}

function facts(id) {
  const { architecture, parameters, vocabulary, has_training_text: hasText } = page.models.all.find((model) => model.id === id);
  const seen = hasText ? "Its training text is at hand: Read can show passages that it has seen."
    : "Its training text is not at hand, so Read cannot show which passages it has seen.";
  return element("p", { class: "intro" }, element("bdi", {}, element("strong", {}, id)),
    `: ${architecture}, ${count(parameters)} parameters, ${count(vocabulary)} words. ${seen}`);
}

let question = null;

/** Asks for the token of the server; resolves to null when the user cancels. One question at a time. */
function askForToken({ wasRefused }) {
  question ??= new Promise((resolve) => {
    const dialog = byId("token-dialog");
    const answer = (token) => {
      question = null;
      dialog.close();
      resolve(token);
    };
    byId("token-form").onsubmit = (event) => {
      event.preventDefault();
      answer(byId("token").value);
    };
    byId("token-cancel").onclick = () => answer(null);
    dialog.oncancel = () => answer(null);
    byId("token").value = "";
    byId("token-refused").hidden = !wasRefused;
    dialog.showModal();
  });
  return question;
}

function tryToStart() {
  start().catch((error) => {
    console.error(error);
    page.messages.fail(error, tryToStart);
  });
}

tryToStart();
