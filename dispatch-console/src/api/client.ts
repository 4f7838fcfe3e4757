// What the console asks of the service, by name. Shapes of requests are those of its own description.

import type { Timeline } from "../state/types";
import { ask, get, post, query, useToken } from "./http";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Disposition = Schemas["Disposition"];
export type CorrectTo = Schemas["CorrectTo"];
export type OpenNew = Schemas["OpenNew"];
type Done = Schemas["Done"];
type Opened = Schemas["Opened"];

export interface Account {
  name: string;
  role: string;
  districts: string[];
  responder: string | null;
}

export type Candidate = Schemas["Candidate"];
export type Call = Schemas["Call"];
export type UnknownDevice = Schemas["UnknownDevice"];
export type Audited = Schemas["AuditEntry"];

export async function me(): Promise<Account> {
  const { csrf, ...account } = await get<Schemas["Me"]>("/sessions/me");
  useToken(csrf ?? null);
  return { ...account, responder: account.responder ?? null };
}

export async function signIn(name: string, secret: string): Promise<Account> {
  await ask("POST", "/sessions", { name, secret });
  return me();
}

export const signOut = () => ask<void>("DELETE", "/sessions");

export const incident = (id: string) => get<Timeline>(`/incidents/${id}`);
export const nearest = (id: string, limit: number) =>
  get<Schemas["Candidates"]>(`/responders/nearest?${query({ incident: id, limit })}`).then((it) => it.candidates);

const act = (id: string, what: string, body: unknown = {}) => post<Done>(`/incidents/${id}/${what}`, body);

export const claim = (id: string) => act(id, "claim");
export const release = (id: string) => act(id, "release");
export const offer = (id: string, body: Schemas["MakeOffer"] = {}) => act(id, "offer", body);
export const withdraw = (id: string, it: string) => act(id, "withdraw", { offer: it });
export const escalate = (id: string, rung?: string) => act(id, "escalate", rung ? { rung } : {});
export const confirm = (id: string, body: Schemas["Confirm"]) => act(id, "confirm", body);
export const note = (id: string, text: string) => act(id, "note", { text });
export const correct = (id: string, to: CorrectTo) => act(id, "correct", to);
export const merge = (id: string, into: string) => act(id, "merge", { into });
export const detach = (id: string, device: string) => post<Opened>(`/incidents/${id}/detach`, { device });
export const close = (id: string, body: Schemas["Close"]) => act(id, "close", body);
export const reopen = (id: string, reason: string) => act(id, "reopen", { reason });
export const openIncident = (body: OpenNew) => post<Opened>("/incidents", body);

export const radioStatus = (responder: string, id: string, state: string) =>
  post<Done>(`/responders/${responder}/status`, { incident: id, state });
export const radioDuty = (responder: string, on: boolean) => post<Done>(`/responders/${responder}/duty`, { on });

export const calls = (state: "open" | "closed") => get<Schemas["Calls"]>(`/calls?state=${state}`).then((it) => it.calls);
export const callIsEmergency = (call: string, body: Schemas["Emergency"]) => post<Opened>(`/calls/${encodeURIComponent(call)}/incident`, body);
export const calledBack = (call: string, text?: string) =>
  post<Done>(`/calls/${encodeURIComponent(call)}/called_back`, text ? { note: text } : {});

export const unknownDevices = () => get<Schemas["UnknownDevices"]>("/devices/unknown").then((it) => it.devices);
export const audit = () => get<Schemas["AuditPage"]>("/audit?limit=200").then((it) => it.entries);
