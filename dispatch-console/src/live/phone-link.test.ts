import { expect, test } from "vitest";
import { reducePhone, SILENT_PHONE, type Phone, type PhoneUpdate, type Step } from "../state/phone";
import { fake } from "./fake";
import { link } from "./phone-link";
import { store } from "./store";

function open() {
  const net = fake();
  const phone = store<Phone, PhoneUpdate>(SILENT_PHONE, reducePhone, (then) => then());
  const it = link({ url: "ws://x/responder/live", phone, again: async () => true }, net.around);
  const say = (state: Step, key: string) => {
    phone.tell({ type: "said", saying: { status: { incident: "330481-1", state, at: "t", key } } });
    it.flush();
  };
  const keys = () => net.last().said.flatMap((each) => ((each as { status?: { key: string } }).status ? [(each as { status: { key: string } }).status.key] : []));
  return { ...net, phone, say, keys };
}

test("what was said without a line is sent in its order when the line is back, one at a time", async () => {
  const net = open();
  net.say("en_route", "k1");
  net.say("at_door", "k2");
  expect(net.last().said).toEqual([]);
  net.last().accept();
  expect(net.keys()).toEqual(["k1"]);
  net.last().hear({ noted: { key: "k1" } });
  expect(net.keys()).toEqual(["k1", "k2"]);
  net.last().hear({ noted: { key: "k2" } });
  expect(net.phone.get().outbox).toEqual([]);
  net.last().hear({ noted: { key: "k2" } });
  expect(net.keys()).toEqual(["k1", "k2"]);
});

test("a line that breaks before the answer has the same word said again, with the same key", async () => {
  const net = open();
  net.last().accept();
  net.say("en_route", "k1");
  net.last().hangUp();
  expect(net.phone.get().up).toBe(false);
  await net.pass(500);
  net.last().accept();
  expect(net.keys()).toEqual(["k1"]);
});

test("a word that is not answered is said again after a while", async () => {
  const net = open();
  net.last().accept();
  net.say("en_route", "k1");
  await net.pass(5_000);
  expect(net.keys()).toEqual(["k1", "k1"]);
});

test("a word that an older service does not know is not said for ever", () => {
  const net = open();
  net.last().accept();
  net.say("en_route", "k1");
  net.last().hear({ problem: { code: "not_understood" } });
  expect(net.phone.get()).toMatchObject({ outbox: [], notice: { code: "not_understood" } });
});

test("the phone asks how things are every twenty seconds", async () => {
  const net = open();
  net.last().accept();
  await net.pass(20_000);
  expect(net.last().said).toEqual([{ hello: {} }, { hello: {} }]);
});
