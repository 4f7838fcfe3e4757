//! How far and how long, without a road map: a straight line, a detour factor, a speed and the time to set off.
//! Whole metres and seconds, rounded up, so that two machines decide alike. Knows nothing of traffic or weather.

use super::sphere::{Place, ROUGH_M, ROUGH_SHARE, arc_m};
use crate::domain::{Point, Travel};

/// Road over straight line, in percent: an assumption. Published averages of regions lie between 122 and 144 % (Kim et
/// al. 2015, Korea's provinces); 135 takes Haining's canals and few bridges into account by guess, not by measurement.
const DETOUR_PCT: u64 = 135;

/// Millimetres of road for a metre of straight line.
const ROAD_MM_PER_M: u64 = DETOUR_PCT * 10;

/// Millimetres a second on foot: 1.2 m/s, what crossings are commonly timed for; a helper in a hurry is faster, a
/// volunteer of 65 is not.
pub const WALK_MM_S: u64 = 1_200;

/// What a way of travelling costs. All are assumptions, for the demo and until a district's own arrivals replace them.
struct Pace {
    /// From saying yes to moving: shoes, stairs, keys.
    set_off_s: u64,
    /// On the road, all stops included.
    speed_mm_s: u64,
}

const fn pace(travel: Travel) -> Pace {
    match travel {
        Travel::Foot => Pace { set_off_s: 60, speed_mm_s: WALK_MM_S },
        // 15 km/h, the lawful limit in a cycle lane (Road Traffic Safety Law, Art. 58), kept as the average.
        Travel::Ebike => Pace { set_off_s: 90, speed_mm_s: 4_160 },
        // 30 km/h from door to door, between a town at rush hour and an empty county road.
        Travel::Car => Pace { set_off_s: 120, speed_mm_s: 8_330 },
    }
}

/// Metres along the great circle, rounded up: 0 only where both points are the same.
pub fn distance_m(from: Point, to: Point) -> u64 {
    arc_m(Place::from(from).chord2_m2(&Place::from(to)))
}

/// Seconds from saying yes to the door, `distance_m` away in a straight line, rounded up. Never falls as distance grows.
#[inline]
pub fn travel_s(distance_m: u64, travel: Travel) -> u64 {
    let Pace { set_off_s, speed_mm_s } = pace(travel);
    set_off_s.saturating_add(distance_m.saturating_mul(ROAD_MM_PER_M).div_ceil(speed_mm_s))
}

/// Seconds from saying yes at `from` to the door at `to`, rounded up.
pub fn eta_s(from: Point, to: Point, travel: Travel) -> u64 {
    travel_s(distance_m(from, to), travel)
}

/// The inverse of `travel_s`: the longest straight line, in metres, that takes no more than `limit_s`. `None` where
/// the time is over before setting off.
pub fn within_m(limit_s: u64, travel: Travel) -> Option<u64> {
    let Pace { set_off_s, speed_mm_s } = pace(travel);
    Some(limit_s.checked_sub(set_off_s)?.saturating_mul(speed_mm_s) / ROAD_MM_PER_M)
}

/// How many ways of travelling there are.
pub(super) const MODES: usize = Travel::ALL.len();

/// A way of travelling in singles, for leaving places out, never for an answer.
pub(super) struct RoughWay {
    set_off_s: f32,
    s_per_m: f32,
}

/// In the order of `Travel`.
pub(super) const ROUGH_WAYS: [RoughWay; MODES] =
    [RoughWay::of(Travel::Foot), RoughWay::of(Travel::Ebike), RoughWay::of(Travel::Car)];

impl RoughWay {
    const fn of(travel: Travel) -> Self {
        let Pace { set_off_s, speed_mm_s } = pace(travel);
        let s_per_m = ROAD_MM_PER_M as f32 / speed_mm_s as f32 * ROUGH_SHARE;
        Self { set_off_s: set_off_s as f32 - ROUGH_M * s_per_m, s_per_m }
    }

    /// Seconds that nobody is faster than over a chord of so many metres, as measured from one rough place to another.
    #[inline]
    pub(super) fn at_least_s(&self, chord_m: f32) -> f32 {
        self.set_off_s + chord_m * self.s_per_m
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::geo::sphere::Rough;

    #[test]
    fn a_kilometre_takes_what_the_table_says() {
        assert_eq!(travel_s(1_000, Travel::Foot), 60 + 1_125);
        assert_eq!(travel_s(1_000, Travel::Ebike), 90 + 325);
        assert_eq!(travel_s(1_000, Travel::Car), 120 + 163);
        assert_eq!(travel_s(0, Travel::Car), 120);
        assert_eq!(travel_s(u64::MAX, Travel::Foot), 60 + u64::MAX.div_ceil(1_200));
    }

    #[test]
    fn town_to_town_is_what_a_map_says() {
        let [xiashi, yuanhua] = [(30.532, 120.695), (30.421, 120.780)].map(|(lat, lon)| Point::from_degrees(lat, lon));
        assert_eq!(distance_m(xiashi.unwrap(), yuanhua.unwrap()), 14_789);
        assert_eq!(eta_s(xiashi.unwrap(), yuanhua.unwrap(), Travel::Car), 120 + 2_397);
    }

    #[test]
    fn nobody_comes_before_setting_off() {
        assert_eq!(within_m(59, Travel::Foot), None);
        assert_eq!(within_m(60, Travel::Foot), Some(0));
        assert!(within_m(u64::MAX, Travel::Car) > Some(20_016_000));
    }

    proptest! {
        #[test]
        fn the_inverse_is_exact(limit_s in 0_u64..100_000, travel in any_travel()) {
            match within_m(limit_s, travel) {
                None => prop_assert!(travel_s(0, travel) > limit_s),
                Some(far_m) => {
                    prop_assert!(travel_s(far_m, travel) <= limit_s);
                    prop_assert!(travel_s(far_m + 1, travel) > limit_s);
                }
            }
        }

        #[test]
        fn farther_is_never_sooner(near_m in 0_u64..30_000_000, more_m in 0_u64..1_000, travel in any_travel()) {
            prop_assert!(travel_s(near_m, travel) <= travel_s(near_m + more_m, travel));
        }

        #[test]
        fn nobody_is_faster_than_the_rough_way(a in anywhere(), b in anywhere(), north in -1e-3..1e-3_f64) {
            let near_a = Point::from_degrees(f64::clamp(a.lat() + north, -90.0, 90.0), a.lon()).unwrap();
            for (b, travel) in [b, near_a].into_iter().zip(Travel::ALL.repeat(2)) {
                let chord_m = Rough::from(Place::from(a)).chord2_m2(&Place::from(b).into()).sqrt();
                let (at_least_s, eta_s) = (ROUGH_WAYS[travel as usize].at_least_s(chord_m), eta_s(a, b, travel) as f32);
                prop_assert!(at_least_s <= eta_s, "{at_least_s} of {eta_s}");
                prop_assert!(at_least_s > eta_s - 8.0 || chord_m > 100_000.0, "{at_least_s} of {eta_s}");
                prop_assert_eq!(distance_m(a, b), distance_m(b, a));
            }
        }
    }

    fn any_travel() -> impl Strategy<Value = Travel> {
        proptest::sample::select(&Travel::ALL)
    }

    fn anywhere() -> impl Strategy<Value = Point> {
        (-90.0..=90.0, -180.0..=180.0).prop_map(|(lat, lon)| Point::from_degrees(lat, lon).unwrap())
    }
}
