//! The figures as CONTRACT.md has them: those of the first policy at the top, the others and each run beside them.

use serde_json::{Map, Value, json};

use crate::simulate::compared::Compared;
use crate::simulate::figures::{Figures, Judged};

pub(super) fn of(command: &str, compared: &Compared) -> String {
    let mut top = Map::new();
    top.insert("scenario".to_owned(), json!(compared.scenario));
    top.insert("seed".to_owned(), json!(compared.seeds.first()));
    top.insert("seeds".to_owned(), json!(compared.seeds.len()));
    top.insert("command".to_owned(), json!(command));
    top.insert("machine".to_owned(), machine());
    if let Some(first) = compared.policies.first() {
        top.insert("policy".to_owned(), json!(first.name));
        top.append(&mut shape(&first.figures, &first.judged));
    }
    top.insert(
        "policies".to_owned(),
        compared
            .policies
            .iter()
            .map(|it| {
                let mut shape = shape(&it.figures, &it.judged);
                shape.insert("policy".to_owned(), json!(it.name));
                shape.insert(
                    "runs".to_owned(),
                    it.runs
                        .iter()
                        .map(|(seed, run)| {
                            let mut run = self::shape(run, &[]);
                            run.remove("expectations");
                            run.insert("seed".to_owned(), json!(seed));
                            Value::Object(run)
                        })
                        .collect(),
                );
                Value::Object(shape)
            })
            .collect(),
    );
    top.insert("paired".to_owned(), json!(compared.paired));
    serde_json::to_string_pretty(&top).expect("figures are numbers and words") + "\n"
}

/// What is not measured in virtual time is null: the time to a console's screen, and the floor of a real disk.
fn shape(figures: &Figures, judged: &[Judged]) -> Map<String, Value> {
    let Value::Object(mut shape) = json!(figures) else { unreachable!("figures are an object") };
    shape["latency_ms"]["console"] = Value::Null;
    shape.insert("floor".to_owned(), Value::Null);
    shape.insert("expectations".to_owned(), json!(judged));
    shape
}

fn machine() -> Value {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    json!({"os": std::env::consts::OS, "arch": std::env::consts::ARCH, "cores": cores})
}
