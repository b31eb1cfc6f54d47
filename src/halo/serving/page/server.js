/* Requests to this server: JSON, server-sent events, the token, and waiting when the server is busy. */

const TOKEN_KEY = "halo.token";
const MAX_RETRIES = 5;
const DEFAULT_WAIT_SECONDS = 2;
const MAX_WAIT_SECONDS = 60;

let askForToken = async () => null;

/** Sets the function that asks the user for the token; it resolves to a string, or to null when the user cancels. */
export function setTokenPrompt(prompt) {
  askForToken = prompt;
}

/** A request that did not succeed, with a message for the user; `status` is 0 when there was no answer. */
export class ServerError extends Error {
  constructor(message, status = 0) {
    super(message);
    this.status = status;
  }
}

/** Returns whether an error means that the user has stopped the request. */
export const isStopped = (error) => error?.name === "AbortError";

/** Returns the JSON answer of a GET request. */
export const getJson = async (path, options = {}) => readJson(await send(path, null, options));

/** Returns the JSON answer of a POST request. */
export const postJson = async (path, body, options = {}) => readJson(await send(path, body, options));

/**
 * Yields the server-sent events of a POST request as {event, data}.
 *
 * @param {string} path - The endpoint.
 * @param {Object} body - Sent as JSON.
 * @param {{signal: AbortSignal, onWait: function(number)}} options - `onWait` is called with the seconds before another try.
 * @throws {ServerError} The server refused, or the connection was lost before the event `done`.
 */
export async function* streamEvents(path, body, options = {}) {
  const response = await send(path, body, options);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let buffered = "";
  while (true) {
    const { value, done } = await reader.read().catch((error) => {
      throw isStopped(error) ? error : lostError();
    });
    if (done) throw lostError();
    buffered += value;
    const blocks = buffered.split(/\r?\n\r?\n/);
    buffered = blocks.pop();
    for (const block of blocks) {
      const event = parseEvent(block);
      if (event === null) continue;
      if (event.event === "error") throw new ServerError(reasonOf(event.data) ?? "The server could not go on.");
      yield event;
      if (event.event === "done") return;
    }
  }
}

function parseEvent(block) {
  let event = "message";
  const data = [];
  for (const line of block.split(/\r?\n/)) {
    if (line.startsWith("event:")) event = line.slice(6).trim();
    if (line.startsWith("data:")) data.push(line.slice(5).replace(/^ /, ""));
  }
  return data.length ? { event, data: JSON.parse(data.join("\n")) } : null;
}

async function send(path, body, { signal, onWait } = {}) {
  for (let attempt = 0; ; attempt++) {
    const used = sessionStorage.getItem(TOKEN_KEY);
    const response = await request(path, body, used, signal);
    if (response.ok) return response;
    if (response.status === 401) {
      if (sessionStorage.getItem(TOKEN_KEY) !== used) continue; // another request has asked meanwhile
      const token = await askForToken({ wasRefused: used !== null });
      if (token === null) throw new ServerError("The server asks for a token. Try again to enter one.", 401);
      sessionStorage.setItem(TOKEN_KEY, token);
      continue;
    }
    const isBusy = response.status === 429 || response.status === 503;
    if (!isBusy || !onWait || attempt >= MAX_RETRIES) throw await refusal(response);
    const seconds = Number(response.headers.get("Retry-After")) || DEFAULT_WAIT_SECONDS;
    if (seconds > MAX_WAIT_SECONDS) throw await refusal(response);
    onWait(seconds);
    await pause(1000 * seconds, signal);
  }
}

async function request(path, body, token, signal) {
  const headers = {};
  if (token) headers.Authorization = `Bearer ${encodeToken(token)}`;
  if (body !== null) headers["Content-Type"] = "application/json";
  const method = body === null ? "GET" : "POST";
  try {
    return await fetch(path, { method, headers, signal, body: body === null ? undefined : JSON.stringify(body) });
  } catch (error) {
    if (isStopped(error)) throw error;
    throw new ServerError(`The server does not answer at ${location.host}. Is halo serve still running? Your text is kept.`);
  }
}

/** Headers hold Latin-1 only; a token with other characters cannot be right, and is sent so that it is refused. */
const encodeToken = (token) => ([...token].every((character) => character >= " " && character <= "ÿ") ? token : "?");

async function refusal(response) {
  const reason = reasonOf(await response.json().catch(() => null));
  const busy = { 429: "The server is busy with other requests.", 503: "The server is busy." }[response.status];
  return new ServerError(reason ?? busy ?? `The server refused the request (status ${response.status}).`, response.status);
}

const reasonOf = (data) => data?.error?.message ?? data?.message ?? null;

async function readJson(response) {
  try {
    return await response.json();
  } catch (error) {
    throw isStopped(error) ? error : lostError();
  }
}

const lostError = () => new ServerError("The connection was lost. What has arrived is kept.");

/** Resolves after some milliseconds; rejects at once when the signal is aborted. */
export function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => reject(new DOMException("stopped", "AbortError"));
    if (signal?.aborted) stop();
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      stop();
    }, { once: true });
  });
}
