/** What `npm start` asks the backend that it has started. */
import http from "node:http";
import https from "node:https";
import { StartError } from "./errors.ts";

export interface Answer {
  readonly status: number;
  readonly body: string;
}

interface Question {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
}

function ask(options: https.RequestOptions, secure: boolean, { method, headers, body }: Question): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = (secure ? https : http).request(
      { ...options, method: method ?? "GET", headers: { "content-type": "application/json", ...headers } },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
        });
        response.once("error", reject);
        response.once("end", () => resolve({ status: response.statusCode ?? 0, body: text }));
      },
    );
    request.once("error", reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** One request over the backend's control socket, which only this user can open. */
export function control(socketPath: string, route: string, body: object): Promise<Answer> {
  return ask({ socketPath, path: route }, false, { method: "POST", body });
}

export class Api {
  readonly #url: URL;
  readonly #ca: string | undefined;
  #token = "";

  /** `ca`: whom to trust when the URL is an https one. */
  constructor(url: string, ca?: string) {
    this.#url = new URL(url);
    this.#ca = ca;
  }

  #ask(route: string, question: Question): Promise<Answer> {
    const { protocol, hostname, port } = this.#url;
    const host = hostname.replace(/^\[|\]$/g, "");
    // One connection a request: the listener may be told to end while this process still waits.
    const options = { host, port, path: route, agent: false, ...(this.#ca === undefined ? {} : { ca: this.#ca }) };
    return ask(options, protocol === "https:", question);
  }

  async ready(): Promise<boolean> {
    return (await this.#ask("/ready", {})).status === 200;
  }

  async login(user: string, password: string): Promise<void> {
    const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
    const answer = await this.#ask("/auth", { headers: { authorization } });
    if (answer.status !== 200)
      throw new StartError(
        `sign-in as ${user} was refused (${answer.status}): is the state folder another installation's?`,
      );
    this.#token = (JSON.parse(answer.body) as { access_token: string }).access_token;
  }

  async send(method: string, route: string, body?: object): Promise<Answer> {
    const answer = await this.#ask(route, {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(method === "PATCH" ? { "content-type": "application/merge-patch+json" } : {}),
      },
      ...(body === undefined ? {} : { body }),
    });
    if ((answer.status < 200 || answer.status > 299) && answer.status !== 404)
      throw new StartError(`${method} ${route}: ${answer.status} ${answer.body}`);
    return answer;
  }
}
