/* Messages for people and for screen readers: a quiet line of status, and a box for what went wrong. */

import { button, byId, element } from "./elements.js";

/** The two places for messages. */
export class Messages {
  /** Says what happened, without interrupting. */
  say(text) {
    byId("status").textContent = text;
  }

  /**
   * Shows an error until it is closed.
   *
   * @param {Error|string} error
   * @param {?function()} retry - What the button "Try again" does; null for no button.
   */
  fail(error, retry = null) {
    this.say("");
    const text = typeof error === "string" ? error : error.message;
    const again = retry && button("Try again", () => {
      this.clear();
      retry();
    });
    byId("alert").replaceChildren(
      element("span", {}, text), again ?? "", button("×", () => this.clear(), { class: "quiet", "aria-label": "Close the message" }),
    );
    byId("alert").hidden = false;
  }

  /** Removes the error. */
  clear() {
    byId("alert").hidden = true;
    byId("alert").replaceChildren();
  }
}
