//! A line of the journal, read as anybody could read it: JSON and nothing else.

use serde_json::Value;

use crate::domain::Timestamp;

#[derive(Debug, Clone)]
pub struct Line {
    value: Value,
    pub seq: u64,
    pub at: i64,
    pub kind: String,
}

impl Line {
    pub fn read(text: &str) -> Result<Self, String> {
        let value: Value = serde_json::from_str(text).map_err(|why| format!("{text}: {why}"))?;
        let found = (value["seq"].as_u64(), millis(&value["at"]), value["type"].as_str().map(str::to_owned));
        let (Some(seq), Some(at), Some(kind)) = found else {
            return Err(format!("{text}: expected seq, at and type"));
        };
        Ok(Self { value, seq, at, kind })
    }

    /// A text that this kind of line always has; empty where it has not, which no rule takes for anything.
    pub fn text(&self, key: &str) -> &str {
        self.maybe(key).unwrap_or_default()
    }

    pub fn maybe(&self, key: &str) -> Option<&str> {
        self.value[key].as_str()
    }

    pub fn number(&self, key: &str) -> u64 {
        self.value[key].as_u64().unwrap_or_default()
    }

    pub fn flag(&self, key: &str) -> bool {
        self.value[key].as_bool().unwrap_or_default()
    }

    pub fn time(&self, key: &str) -> Option<i64> {
        millis(&self.value[key])
    }

    pub fn part(&self, key: &str) -> &Value {
        &self.value[key]
    }
}

pub fn millis(value: &Value) -> Option<i64> {
    value.as_str()?.parse::<Timestamp>().ok().map(Timestamp::ms)
}
