/** Requests over HTTP: files in and out, and a check whether the server knows this page. */

import { Gone } from "./live.js";

async function send(path, token, options = {}) {
  let answer;
  try {
    answer = await fetch(path, {
      ...options,
      headers: { "Linework-Token": token, ...options.headers },
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Gone(
      "The server does not answer; your drawing is kept here. Try again when it is back.",
    );
  }
  if (answer.ok) return answer;
  const said = await answer.json().catch(() => ({}));
  throw new Error(said.error ?? `The server answered ${answer.status} to ${path}.`);
}

/** A file's contents as PROTOCOL.md's *Open* has them. */
export async function openFile(token, file, { asPicture = false, signal } = {}) {
  const name = encodeURIComponent(file.name || "pasted.png");
  const path = `/api/open?name=${name}${asPicture ? "&as=picture" : ""}`;
  return (await send(path, token, { method: "POST", body: file, signal })).json();
}

/** A file's bytes, as a Blob, as PROTOCOL.md's *Export* has them. */
export async function exportFile(token, request, { signal } = {}) {
  const options = {
    method: "POST",
    body: JSON.stringify(request),
    headers: { "Content-Type": "application/json" },
    signal,
  };
  return (await send("/api/export", token, options)).blob();
}

/** Whether the server knows the token: null where there is no server. */
export async function isKnown(token) {
  try {
    const answer = await fetch("/api/about", { headers: { "Linework-Token": token } });
    return answer.status !== 403;
  } catch {
    return null;
  }
}

/** A file that comes with the page, for those who have none at hand. */
export async function exampleFile(name) {
  const answer = await fetch(`/static/examples/${name}`).catch(() => null);
  if (!answer?.ok) throw new Gone("The example is not there: the server does not answer.");
  return new File([await answer.blob()], name);
}
