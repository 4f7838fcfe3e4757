//! What a responder is told on each channel. A push is a few words of JSON that the app draws; an SMS and a call are
//! sentences. Nothing here names the person at risk: only somebody who has accepted by SMS is told the address.

use serde_json::{Value, json};

use crate::dispatch::state::{Assignment, Incident};
use crate::domain::{Channel, OfferId, SignalKind};

/// The JSON of an offer.
pub fn offer_json(incident: &Incident, it: &Assignment) -> Value {
    json!({"offer": {"offer": it.offer, "incident": incident.id, "kind": incident.kind, "urgency": incident.urgency,
        "eta_s": it.eta_s, "expires_at": it.expires_at}})
}

/// The JSON of an offer that is over.
pub fn withdrawn_json(offer: OfferId) -> Value {
    json!({"withdrawn": {"offer": offer}})
}

/// The JSON of a test.
pub fn test_json(answer: &str) -> Value {
    json!({"test": {"token": answer}})
}

/// An offer in a sentence.
pub fn offer_text(incident: &Incident, it: &Assignment, channel: Channel) -> String {
    let (kind, minutes) = (word(incident.kind), it.eta_s.div_ceil(60));
    let seconds = it.expires_at.since_s(it.made_at);
    match channel {
        Channel::Voice => format!("这里是潮安。{kind}，您预计{minutes}分钟可到。接单请按1，不能去请按2。"),
        Channel::Link | Channel::Push | Channel::Sms => {
            format!("【潮安】{kind}，您预计{minutes}分钟可到。回复1接单，回复2不能去，{seconds}秒内有效。")
        }
    }
}

/// To somebody who has said yes without the app before their eyes.
pub fn assignment_text(incident: &Incident, address: &str) -> String {
    format!("【潮安】已接单：{}，{address}。打开应用可看进门方式并报告到达。", word(incident.kind))
}

/// A test in a sentence.
pub fn test_text(answer: &str, channel: Channel) -> String {
    let spoken: Vec<String> = answer.chars().map(String::from).collect();
    match channel {
        Channel::Voice => format!("这里是潮安。测试码：{0}。再说一遍：{0}。", spoken.join("，")),
        Channel::Link | Channel::Push | Channel::Sms => format!("【潮安】测试码 {answer}，请在应用中输入。"),
    }
}

/// The words of DESIGN, as on the screens.
fn word(kind: SignalKind) -> &'static str {
    match kind {
        SignalKind::Sos => "求救",
        SignalKind::Fall => "跌倒",
        SignalKind::Smoke => "烟雾",
        SignalKind::Gas => "燃气",
        SignalKind::CarbonMonoxide => "一氧化碳",
        SignalKind::WaterLeak => "漏水",
        SignalKind::Inactivity => "久无活动",
        SignalKind::Wandering => "走失",
        SignalKind::Vital => "体征异常",
        SignalKind::Medical => "急病",
        SignalKind::Intruder => "闯入",
        SignalKind::Duress => "胁迫",
        SignalKind::NoResponse => "无人应答",
        SignalKind::Unreadable => "无法识别的告警",
        SignalKind::Cancel
        | SignalKind::Restore
        | SignalKind::LowBattery
        | SignalKind::Offline
        | SignalKind::MainsFail
        | SignalKind::Tamper
        | SignalKind::Fault
        | SignalKind::Test
        | SignalKind::Heartbeat
        | SignalKind::Position => "设备事项",
    }
}
