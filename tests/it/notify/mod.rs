//! Channels besides the link, through the real binary: a push that a browser of ours can read, and a provider of SMS
//! whose signature is checked. Offers reach somebody who holds no link, and the timeline tells how.

mod phone;

use axum::http::StatusCode;
use ring::hmac;
use serde_json::{Value, json};

use self::phone::{Browser, Keeper, Taken};
use crate::service::http::Client;
use crate::service::world::{DISTRICT, bracelet_of, responder_of, world};
use crate::service::{Folder, SOON, Service, until};

const SECRET: &str = "a secret of the tests, long enough to sign with";

/// A service with one home and two responders, whose channels end at `keeper`.
struct House {
    _folder: Folder,
    _service: Service,
    gateway: Client,
    operator: Client,
    /// The one who is near.
    near: Client,
    far: Client,
}

impl House {
    async fn open(keeper: &Keeper, more: &str) -> Self {
        let folder = Folder::of(&world(DISTRICT, 1, 2));
        let account = |name: &str, role: &str, more: &[&str]| folder.account(name, role, more);
        let (gateway, operator) = (account("gateway", "gateway", &[]), account("chen", "operator", &[]));
        let responder = |n: usize| account(&format!("r{n}"), "responder", &["--responder", &responder_of(DISTRICT, n)]);
        let (near, far) = (responder(0), responder(1));
        let origin = keeper.origin();
        let config = format!(
            "[push]\nservices = [\"{origin}\"]\n[gateway]\nurl = \"{origin}/hook\"\nsecret = \"{SECRET}\"\n{more}"
        );
        let service = folder.serve_with(&config, &[]).await;
        let client = |secret: &str| Client::new(&service, secret);
        let (gateway, operator, near, far) = (client(&gateway), client(&operator), client(&near), client(&far));
        Self { _folder: folder, _service: service, gateway, operator, near, far }
    }

    async fn on_duty(&self, n: usize) {
        let path = format!("/api/v1/responders/{}/duty", responder_of(DISTRICT, n));
        self.operator.post(&path, &json!({"on": true})).await.ok();
    }

    async fn press(&self) -> Value {
        self.gateway.press(&format!("http:{}", bracelet_of(DISTRICT, 0)), "one").await["incident"].clone()
    }

    /// Until the timeline has an event of this kind and channel.
    async fn told(&self, incident: &Value, kind: &str, channel: &str) -> Value {
        until(&format!("{kind} by {channel}"), SOON, async || {
            let timeline = self.operator.incident(incident).await["timeline"].as_array().unwrap().clone();
            timeline.into_iter().find(|it| it["type"] == kind && it["channel"] == channel)
        })
        .await
    }
}

/// Sets up a browser and confirms what it is sent.
async fn with_push(who: &Client, keeper: &Keeper) -> Browser {
    let browser = Browser::new();
    let subscription = browser.subscription(&format!("{}/phone", keeper.origin()));
    assert_eq!(who.post("/api/v1/push/subscriptions", &subscription).await.ok(), json!({"outcome": "sent"}));
    let test = browser.read(&keeper.next().await);
    let confirmed = who.post("/api/v1/channels/confirm", &json!({"token": test["test"]["token"]})).await;
    assert_eq!(confirmed.ok(), json!({"channel": "push"}));
    browser
}

fn channel(channels: &Value, name: &str) -> Value {
    channels["channels"].as_array().unwrap().iter().find(|it| it["channel"] == name).unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_reaches_a_locked_phone_and_is_accepted_from_it() {
    let keeper = Keeper::open().await;
    let house = House::open(&keeper, "").await;
    let key = house.near.get("/api/v1/push/key").await.ok();
    assert_eq!(key["public_key"].as_str().unwrap().len(), 87, "65 bytes in base64url");
    assert_eq!(channel(&house.near.get("/api/v1/channels").await.ok(), "push")["confirmed"], false);
    let browser = with_push(&house.near, &keeper).await;
    assert_eq!(channel(&house.near.get("/api/v1/channels").await.ok(), "push")["confirmed"], true);
    house.on_duty(0).await;

    let incident = house.press().await;
    let taken = keeper.next().await;
    assert_eq!(taken.headers["urgency"], "high");
    let authorization = taken.headers["authorization"].to_str().unwrap();
    assert!(authorization.ends_with(key["public_key"].as_str().unwrap()), "{authorization}");
    let offer = browser.read(&taken)["offer"].clone();
    assert_eq!((&offer["incident"], &offer["kind"]), (&incident, &json!("sos")));
    let sent = house.told(&incident, "offer_tried", "push").await;
    assert_eq!((&sent["outcome"], &sent["offer"]), (&json!("sent"), &offer["offer"]));

    let path = |word: &str| format!("/api/v1/offers/{}/{word}", offer["offer"].as_str().unwrap());
    assert_eq!(house.far.post(&path("shown"), &json!({})).await.refused(409), "not_your_offer");
    house.near.post(&path("shown"), &json!({})).await.ok();
    house.told(&incident, "offer_shown", "push").await;
    house.near.post(&path("accept"), &json!({})).await.ok();
    assert_eq!(house.operator.incident(&incident).await["stage"], "assigned");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_channel_arrives_the_next_is_asked() {
    let keeper = Keeper::open().await;
    let house = House::open(&keeper, "[offers]\ndeliver_s = 1\n").await;
    let lost = with_push(&house.near, &keeper).await;
    let browser = with_push(&house.far, &keeper).await;
    house.on_duty(0).await;
    house.on_duty(1).await;
    keeper.answer(StatusCode::GONE);
    let incident = house.press().await;
    assert_eq!(lost.read(&keeper.next().await)["offer"]["incident"], incident);
    keeper.answer(StatusCode::CREATED);
    let tried = house.told(&incident, "offer_tried", "push").await;
    assert_eq!((&tried["outcome"], &tried["responder"]), (&json!("gone"), &json!(responder_of(DISTRICT, 0))));
    assert_eq!(browser.read(&keeper.next().await)["offer"]["incident"], incident);
    let channels = house.near.get("/api/v1/channels").await.ok();
    assert_eq!(channel(&channels, "push")["confirmed"], false, "a browser that is gone is forgotten");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_1_to_an_sms_accepts() {
    let keeper = Keeper::open().await;
    let house = House::open(&keeper, "channels = [\"sms\"]\n").await;
    assert_eq!(channel(&house.near.get("/api/v1/channels").await.ok(), "voice")["available"], false);
    assert_eq!(house.near.post("/api/v1/channels/test", &json!({"channel": "sms"})).await.ok()["outcome"], "sent");
    let test = hook(&keeper.next().await);
    assert_eq!((&test["channel"], &test["kind"]), (&json!("sms"), &json!("test")));
    let code: String = test["text"].as_str().unwrap().chars().filter(char::is_ascii_digit).collect();
    let wrong = house.near.post("/api/v1/channels/confirm", &json!({"token": "x"})).await;
    assert_eq!(wrong.refused(409), "no_such_test");
    house.near.post("/api/v1/channels/confirm", &json!({"token": code})).await.ok();
    house.on_duty(0).await;

    let incident = house.press().await;
    let sms = hook(&keeper.next().await);
    assert!(sms["text"].as_str().unwrap().contains("回复1接单"), "{sms}");
    let receipt = |state: &str, answer: Option<&str>| {
        let mut receipt = json!({"id": sms["id"], "state": state});
        if let Some(answer) = answer {
            receipt["answer"] = json!(answer);
        }
        receipt
    };
    house.gateway.post("/api/v1/gateway/receipts", &receipt("delivered", None)).await.ok();
    house.told(&incident, "offer_shown", "sms").await;
    let nonsense = house.gateway.post("/api/v1/gateway/receipts", &receipt("answered", Some("7"))).await;
    assert_eq!(nonsense.refused(422), "invalid");
    assert_eq!(house.operator.post("/api/v1/gateway/receipts", &receipt("answered", Some("1"))).await.status, 403);
    let yes = receipt("answered", Some("1"));
    let seq = house.gateway.post("/api/v1/gateway/receipts", &yes).await.ok()["seq"].clone();
    assert_eq!(house.gateway.post("/api/v1/gateway/receipts", &yes).await.ok()["seq"], seq, "a receipt counts once");
    let shown = house.operator.incident(&incident).await;
    assert_eq!(
        (&shown["stage"], &shown["assignments"][0]["responder"]),
        (&json!("assigned"), &json!(responder_of(DISTRICT, 0)))
    );
    let address = hook(&keeper.next().await);
    assert_eq!(address["kind"], "assignment");
    assert!(address["text"].as_str().unwrap().contains("潮头街0号"), "{address}");
}

/// The hook's body, whose signature is right.
fn hook(taken: &Taken) -> Value {
    let at_s = taken.headers["tidewatch-timestamp"].to_str().unwrap();
    let signed = [at_s.as_bytes(), b".", &taken.body].concat();
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let expected = hmac::sign(&key, &signed).as_ref().iter().map(|it| format!("{it:02x}")).collect::<String>();
    assert_eq!(taken.headers["tidewatch-signature"], expected);
    serde_json::from_slice(&taken.body).unwrap()
}
