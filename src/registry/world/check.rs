//! What one table alone cannot tell: ids given twice, ids that name nothing, two devices under one name on the wire.

use std::collections::BTreeMap;

use super::{Entry, World};
use crate::dispatch::facts::Row;
use crate::document::Fault;
use crate::domain::premises::DeviceName;
use crate::registry::known::Known;
use crate::registry::table::Table;

type Ids<'a> = BTreeMap<(Table, &'a str), (&'a World, &'a Entry)>;

/// All faults of these worlds, their own and those between them and the registry, in the order of file and line.
pub(in crate::registry) fn check(worlds: &[World], known: &Known) -> Vec<Fault> {
    let mut faults: Vec<Fault> = worlds.iter().flat_map(|world| world.faults.iter().cloned()).collect();
    let ids = unique(worlds, &mut faults);
    dangling(worlds, &ids, known, &mut faults);
    same_device(worlds, &ids, known, &mut faults);
    faults.sort();
    faults
}

/// The first entry of each id. The very same row in another file is no fault: neighbours repeat their district.
fn unique<'a>(worlds: &'a [World], faults: &mut Vec<Fault>) -> Ids<'a> {
    let mut ids = Ids::new();
    for (world, entry) in all(worlds) {
        let Some((first_world, first)) = ids.get(&(entry.table, entry.id.as_str())) else {
            ids.insert((entry.table, &entry.id), (world, entry));
            continue;
        };
        let repeated = !std::ptr::eq(*first_world, world) && entry.row.is_some() && first.row == entry.row;
        if !repeated {
            let place = format!("{}:{}", first_world.file, first.line);
            let found = format!("{} `{}` again (first at {place})", entry.table.as_str(), entry.id);
            let mend = "remove one of them or give it another id";
            faults.push(fault(world, entry.line, "id", found, "each id once", mend));
        }
    }
    ids
}

fn dangling(worlds: &[World], ids: &Ids<'_>, known: &Known, faults: &mut Vec<Fault>) {
    for (world, entry) in all(worlds) {
        let Some(parent) = &entry.parent else { continue };
        if ids.contains_key(&(parent.table, parent.id.as_str())) || known.body(parent.table, &parent.id).is_some() {
            continue;
        }
        let table = parent.table.as_str();
        let found = format!("{table} `{}` that is in no file and not in the registry", parent.id);
        let mend = format!("correct it, or add a [[{table}]] of that name");
        faults.push(fault(world, parent.line, table, found, &format!("the name of a [[{table}]]"), &mend));
    }
}

fn same_device(worlds: &[World], ids: &Ids<'_>, known: &Known, faults: &mut Vec<Fault>) {
    let mut names: BTreeMap<&DeviceName, (&World, &Entry)> = BTreeMap::new();
    for (world, entry) in all(worlds) {
        let Some(Row::Device(device)) = &entry.row else { continue };
        let (first_world, first) = names.entry(&device.name).or_insert((world, entry));
        if first.id != entry.id {
            let place = format!("{}:{}", first_world.file, first.line);
            faults.push(same_name(world, entry, &first.id, &place));
            continue;
        }
        if let Some(other) = known.device_named(&device.name)
            && !ids.contains_key(&(Table::Device, other))
        {
            faults.push(same_name(world, entry, other, "in the registry"));
        }
    }
}

fn same_name(world: &World, entry: &Entry, other: &str, place: &str) -> Fault {
    let found = format!("device `{}` with the protocol and identity of device `{other}` ({place})", entry.id);
    let mend = "correct `identity`, or use the other's id";
    fault(world, entry.line, "identity", found, "each protocol and identity once", mend)
}

/// `field`: the key it stands under; that of a parent is called as the parent's table.
fn fault(world: &World, line: usize, field: &str, found: String, expected: &str, mend: &str) -> Fault {
    let (expected, mend, field) = (expected.to_owned(), mend.to_owned(), Some(field.to_owned()));
    Fault { file: world.file.clone(), line, found, expected, mend, field }
}

fn all(worlds: &[World]) -> impl Iterator<Item = (&World, &Entry)> {
    worlds.iter().flat_map(|world| world.entries.iter().map(move |entry| (world, entry)))
}
