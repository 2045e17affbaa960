// The websocket: actions go out and are answered, events come in. It knows neither what they mean nor the page.

import { language } from "./language.js";
import { words } from "./words.js";

const FIRST_WAIT = 500; // milliseconds before the first new attempt; doubled each time
const LONGEST_WAIT = 8000;

/** What the playground said to an action that it could not do; the message is a sentence for people. */
export class Refused extends Error {}

/** A connection that comes back by itself. `onevent(name, data)` for each event, `onstate(connected)` for each change. */
export class Connection {
  #socket = null;
  #waiting = new Map();
  #last = 0;
  #wait = FIRST_WAIT;

  constructor({ onevent, onstate }) {
    this.onevent = onevent;
    this.onstate = onstate;
  }

  open(person) {
    const address = new URL("/playground/socket", location.href);
    address.protocol = "ws:";
    address.searchParams.set("language", language);
    if (person) address.searchParams.set("be", person);
    this.#socket = new WebSocket(address);
    this.#socket.onopen = () => {
      this.#wait = FIRST_WAIT;
      this.onstate(true);
    };
    this.#socket.onmessage = ({ data }) => this.#receive(JSON.parse(data));
    this.#socket.onclose = () => {
      for (const { reject } of this.#waiting.values()) reject(new Refused(words.lostMeanwhile));
      this.#waiting.clear();
      this.onstate(false);
      setTimeout(() => this.open(this.person ?? person), this.#wait);
      this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
    };
  }

  /** Does something as the person that this connection is; resolves with the answer, rejects with Refused. */
  do(action, details = {}) {
    return new Promise((resolve, reject) => {
      if (this.#socket?.readyState !== WebSocket.OPEN) {
        reject(new Refused(words.notConnected));
        return;
      }
      this.#last += 1;
      this.#waiting.set(this.#last, { resolve, reject });
      this.#socket.send(JSON.stringify({ id: this.#last, do: action, ...details }));
    });
  }

  #receive(frame) {
    if ("event" in frame) {
      this.onevent(frame.event, frame.data);
      return;
    }
    const waiting = this.#waiting.get(frame.id);
    this.#waiting.delete(frame.id);
    if (!waiting) return;
    if ("error" in frame) waiting.reject(new Refused(frame.error));
    else waiting.resolve(frame.data);
  }
}
