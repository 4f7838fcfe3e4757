//! A world of one row, from a form and not from a file: the same keys, the same rules, and faults that name the field.

use serde_json::{Map, Value};

use super::{Fault, World};
use crate::dispatch::facts::Row;
use crate::domain::Point;
use crate::registry::table::Table;

impl World {
    /// `value` as an entry of `table` would say it; null is the same as absent.
    pub fn of_one(table: Table, value: &Map<String, Value>, to_wgs84: &dyn Fn(Point) -> Point) -> Self {
        let name = table.as_str();
        let root: Map<String, Value> = [(name.to_owned(), Value::Array(vec![written(value)]))].into_iter().collect();
        match toml::to_string(&root) {
            Ok(text) => Self::read(name, &text, to_wgs84),
            Err(_) => Self { file: name.to_owned(), entries: Vec::new(), faults: vec![unwritable(name)] },
        }
    }

    /// The row of a world of one; `None` where it has a fault.
    pub fn only_row(&self) -> Option<&Row> {
        self.entries.first()?.row.as_ref()
    }
}

fn written(value: &Map<String, Value>) -> Value {
    let there = value.iter().filter(|(_, it)| !it.is_null());
    let said = |it: &Value| match it {
        Value::Object(it) => written(it),
        Value::Array(items) => items.iter().map(|it| it.as_object().map_or_else(|| it.clone(), written)).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => it.clone(),
    };
    there.map(|(key, it)| (key.clone(), said(it))).collect()
}

fn unwritable(table: &str) -> Fault {
    Fault {
        file: table.to_owned(),
        line: 1,
        found: "a number or a list that a world file cannot hold".to_owned(),
        expected: "text, whole numbers below 2^63 and lists of them".to_owned(),
        mend: "correct it".to_owned(),
        field: None,
    }
}
