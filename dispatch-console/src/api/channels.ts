// On which channels a responder can be reached.

import { get, post } from "./http";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Channel = Schemas["ChannelState"];

export const pushKey = () => get<Schemas["PushKey"]>("/push/key").then((it) => it.public_key);
export const subscribePush = (body: Schemas["Subscription"]) => post<void>("/push/subscriptions", body);
export const channels = () => get<Schemas["Channels"]>("/channels").then((it) => it.channels);
export const testChannel = (channel: string) => post<Schemas["Tested"]>("/channels/test", { channel });
export const confirmChannel = (token: string) => post<Schemas["Confirmed"]>("/channels/confirm", { token });
