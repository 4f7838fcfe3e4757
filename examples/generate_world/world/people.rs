//! Invented people: names, what ails them, and telephone numbers out of ranges kept for this world.

use super::chance::Chance;

const SURNAMES: &[&str] = &[
    "沈", "王", "张", "陈", "朱", "徐", "吴", "钱", "周", "许", "顾", "曹", "俞", "胡", "金", "马", "孙", "蒋", "褚",
    "陆", "姚", "邹", "祝", "查", "高", "郭", "虞", "李",
];
const GIVEN_OF_WOMEN: &[&str] = &[
    "凤英", "秀珍", "桂英", "玉珍", "阿宝", "美娟", "金花", "水仙", "巧云", "月琴", "惠珍", "彩英", "梅芳", "雪珍",
    "杏宝", "引娣", "云仙", "菊英",
];
const GIVEN_OF_MEN: &[&str] = &[
    "金宝", "水根", "福根", "阿毛", "金根", "祖荣", "明发", "阿大", "关林", "永林", "炳生", "桂生", "雪荣", "仁宝",
    "掌林", "志明", "国兴", "顺林",
];
const TITLES_OF_WOMEN: &[&str] = &["阿婆", "奶奶", "阿姨"];
const TITLES_OF_MEN: &[&str] = &["伯伯", "阿公", "爷爷"];
const GIVEN_OF_SONS: &[&str] =
    &["建明", "伟明", "国强", "永明", "海峰", "晓东", "志刚", "建平", "卫东", "建华", "利民", "云飞"];
const GIVEN_OF_DAUGHTERS: &[&str] =
    &["丽华", "建英", "雪芳", "美华", "晓燕", "国芳", "海燕", "敏娟", "亚琴", "小红", "利英", "云娣"];

const CONDITIONS: &[(&str, i64)] = &[
    ("hypertension", 48),
    ("diabetes", 18),
    ("heart_disease", 14),
    ("osteoporosis", 12),
    ("stroke", 8),
    ("copd", 6),
    ("parkinson", 3),
];
const RISKS: &[(&str, i64)] =
    &[("dementia", 11), ("falls", 22), ("hearing_loss", 17), ("vision_loss", 9), ("frail", 13), ("bedridden", 3)];

pub fn surname(chance: &mut Chance) -> &'static str {
    chance.pick(SURNAMES)
}

/// A person at risk: as the neighbours say it, or as the register does.
pub fn elder(surname: &str, woman: bool, chance: &mut Chance) -> String {
    let (titles, given) = if woman { (TITLES_OF_WOMEN, GIVEN_OF_WOMEN) } else { (TITLES_OF_MEN, GIVEN_OF_MEN) };
    let words = if chance.percent(35) { titles } else { given };
    format!("{surname}{}", chance.pick(words))
}

pub fn younger(surname: &str, woman: bool, chance: &mut Chance) -> String {
    format!("{surname}{}", chance.pick(if woman { GIVEN_OF_DAUGHTERS } else { GIVEN_OF_SONS }))
}

pub fn birth(chance: &mut Chance) -> String {
    format!("{}-{:02}-{:02}", chance.between(1930, 1960), chance.between(1, 12), chance.between(1, 28))
}

pub fn languages(chance: &mut Chance) -> &'static [&'static str] {
    match chance.between(1, 10) {
        1..=6 => &["海宁话"],
        7..=9 => &["海宁话", "普通话"],
        _ => &["普通话"],
    }
}

pub fn conditions(chance: &mut Chance) -> Vec<&'static str> {
    drawn(CONDITIONS, chance)
}

pub fn risks(alone: bool, chance: &mut Chance) -> Vec<&'static str> {
    let mut risks = if alone && chance.percent(65) { vec!["lives_alone"] } else { vec![] };
    risks.extend(drawn(RISKS, chance));
    risks
}

pub fn access(urban: bool, chance: &mut Chance) -> Option<String> {
    match chance.between(1, 10) {
        1..=2 => Some(format!("门锁密码{:04}#", chance.between(1, 9999))),
        3 => Some("邻居有备用钥匙".to_owned()),
        4 => Some(if urban { "钥匙在门卫处" } else { "村委会有备用钥匙" }.to_owned()),
        _ => None,
    }
}

fn drawn(from: &[(&'static str, i64)], chance: &mut Chance) -> Vec<&'static str> {
    from.iter().filter(|(_, percent)| chance.percent(*percent)).map(|(word, _)| *word).collect()
}

/// Telephone numbers that nobody was given: three ranges, each counted up.
pub struct Phones {
    homes: u32,
    contacts: u32,
}

impl Phones {
    /// The first of each range belong to the example of the README.
    pub fn new() -> Self {
        Self { homes: 1, contacts: 1_000 }
    }

    pub fn home(&mut self) -> String {
        self.homes += 1;
        format!("+86573870{:05}", self.homes)
    }

    pub fn contact(&mut self) -> String {
        self.contacts += 1;
        format!("+86139000{:05}", self.contacts)
    }
}

/// The number of the `n`th responder; the first one's is the README's.
pub fn responder_phone(n: usize) -> String {
    format!("+86139000{:05}", if n == 1 { 2 } else { 100 + n })
}
