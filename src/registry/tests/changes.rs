//! A server that follows the changes must know what one knows that loads everything: tried with random worlds.

use proptest::prelude::*;

use super::{BY, fresh, take};
use crate::dispatch::Facts;
use crate::registry::Vault;

/// A step of an operator's day.
#[derive(Debug, Clone)]
enum Step {
    /// Subject, premises, telephone and device name, out of four each; device 4 is none.
    Import {
        subject: u8,
        premises: u8,
        phone: u8,
        device: u8,
    },
    Erase {
        subject: u8,
    },
    /// A server takes what changed.
    Follow,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..4_u8, 0..4_u8, 0..4_u8, 0..5_u8)
            .prop_map(|(subject, premises, phone, device)| Step::Import { subject, premises, phone, device }),
        1 => (0..4_u8).prop_map(|subject| Step::Erase { subject }),
        2 => Just(Step::Follow),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn following_the_changes_is_loading_everything(steps in prop::collection::vec(step(), 1..14)) {
        let (dir, mut registry) = fresh();
        let mut vault = Vault::open(dir.path()).unwrap();
        let mut followed = Facts::default();
        for step in &steps {
            match step {
                Step::Import { subject, premises, phone, device } => {
                    // A device that is somebody else's already is a fault, and changes nothing.
                    drop(take(&mut registry, &[&world(*subject, *premises, *phone, *device)]));
                }
                Step::Erase { subject } => {
                    drop(registry.erase(&mut vault, &format!("S-{subject}").parse().unwrap(), &[], BY));
                }
                Step::Follow => registry.changes_since(followed.version).unwrap().apply_to(&mut followed),
            }
        }
        registry.changes_since(followed.version).unwrap().apply_to(&mut followed);
        prop_assert_eq!(format!("{followed:?}"), format!("{:?}", registry.load().unwrap()));
        prop_assert_eq!(registry.changes_since(followed.version).unwrap().put, vec![]);
    }
}

fn world(subject: u8, premises: u8, phone: u8, device: u8) -> String {
    let district = "[[district]]\ncode = \"330481\"\nname = \"x\"\nhotline = \"967890\"\n";
    let home = format!(
        "[[premises]]\nid = \"P-{premises}\"\ndistrict = \"330481\"\nclass = \"rural\"\naddress = \"{phone}\"\nlat = 30\nlon = 120\n"
    );
    let person = format!(
        "[[subject]]\nid = \"S-{subject}\"\npremises = \"P-{premises}\"\nname = \"{premises}\"\nphones = [\"+8613900{phone}\"]\n"
    );
    let worn = match device {
        4 => String::new(),
        _ => format!(
            "[[device]]\nid = \"D-{subject}\"\nsubject = \"S-{subject}\"\nprotocol = \"http\"\nidentity = \"{device}\"\n"
        ),
    };
    district.to_owned() + &home + &person + &worn
}
