//! The status word: every set bit is a signal, life first, and none hides another.

use crate::domain::SignalKind;

/// Bits that say something to somebody.
const KIND_OF_BIT: [(u32, SignalKind); 8] = [
    (16, SignalKind::Sos),
    (21, SignalKind::Fall),
    (22, SignalKind::Vital),
    (18, SignalKind::Wandering),
    (0, SignalKind::LowBattery),
    (17, SignalKind::LowBattery),
    (20, SignalKind::Tamper),
    (14, SignalKind::MainsFail),
];

/// Entered the fence, worn, moving: how things are, for nobody to act on.
const STATE_BITS: u32 = 1 << 19 | 1 << 3 | 1 << 4;

/// What a frame says by its status, life first. `previous` is the status of the device's last frame: in a position
/// a bit counts only when it was not set there, so that a bit which stays set is one press. An alarm frame is never
/// empty, and its bits count whatever was before:
/// a bit that nobody knows, with no alarm bit beside it, may be the one that called, so it is `Unreadable`, and so
/// is an alarm without a bit or without a status;
/// state bits alone are `Fault`: technical by the contract, and somebody should ask why that watch calls.
pub fn kinds(status: Option<u32>, previous: Option<u32>, is_alarm_frame: bool) -> Vec<SignalKind> {
    let status = status.unwrap_or(0);
    let counting = if is_alarm_frame { status } else { status & !previous.unwrap_or(0) };
    let mut kinds: Vec<SignalKind> =
        KIND_OF_BIT.iter().filter(|(bit, _)| counting >> bit & 1 == 1).map(|(_, kind)| *kind).collect();
    if is_alarm_frame && !kinds.iter().any(|kind| kind.is_alarm()) {
        kinds.extend(unexplained(status));
    }
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// What an alarm frame without an alarm bit says beside its technical bits.
fn unexplained(status: u32) -> Option<SignalKind> {
    let technical = KIND_OF_BIT.iter().fold(0, |bits, (bit, _)| bits | 1 << bit);
    if status == 0 || status & !(technical | STATE_BITS) != 0 {
        Some(SignalKind::Unreadable)
    } else if status & technical == 0 {
        Some(SignalKind::Fault)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bits(bits: &[u32]) -> Option<u32> {
        Some(bits.iter().fold(0, |word, bit| word | 1 << bit))
    }

    fn alarm(set: &[u32]) -> String {
        words(&kinds(bits(set), bits(set), true))
    }

    fn words(kinds: &[SignalKind]) -> String {
        kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn every_set_bit_counts_life_first() {
        assert_eq!(alarm(&[0, 16]), "sos low_battery");
        assert_eq!(alarm(&[22, 21, 18, 16]), "sos fall wandering vital");
        assert_eq!(alarm(&[0, 14, 17, 20, 16, 3]), "sos low_battery mains_fail tamper");
        for (bit, word) in [(16, "sos"), (21, "fall"), (22, "vital"), (18, "wandering"), (0, "low_battery")] {
            assert_eq!(alarm(&[bit]), word);
        }
        for (bit, word) in [(17, "low_battery"), (20, "tamper"), (14, "mains_fail")] {
            assert_eq!(alarm(&[bit]), word);
        }
    }

    #[test]
    fn an_alarm_frame_is_never_empty() {
        assert_eq!(words(&kinds(None, None, true)), "unreadable");
        assert_eq!(alarm(&[]), "unreadable");
        assert_eq!(alarm(&[3]), "fault");
        assert_eq!(alarm(&[19, 4]), "fault");
        assert_eq!(alarm(&[3, 20]), "tamper");
        assert_eq!(alarm(&[1]), "unreadable");
        assert_eq!(alarm(&[0, 25]), "unreadable low_battery");
        assert_eq!(alarm(&[3, 31]), "unreadable");
        assert_eq!(alarm(&[16, 31]), "sos");
        for bit in 0..32 {
            assert!(!alarm(&[bit]).is_empty(), "bit {bit} was lost");
        }
    }

    #[test]
    fn in_a_position_only_a_new_bit_counts() {
        let position = |set: &[u32], before: Option<u32>| words(&kinds(bits(set), before, false));
        assert_eq!(position(&[16, 0], None), "sos low_battery");
        assert_eq!(position(&[16, 0], bits(&[0])), "sos");
        assert_eq!(position(&[16, 0], bits(&[16, 0])), "");
        assert_eq!(position(&[16], bits(&[])), "sos");
        assert_eq!(position(&[3, 4, 19, 1, 25], None), "");
        assert_eq!(words(&kinds(None, None, false)), "");
    }
}
