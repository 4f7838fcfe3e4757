//! Ways by their tags: who may go which way, and how fast.

use super::tags::{Tags, use_of};

/// What the tags (`key=value`, separated by blanks) come to: for foot, ebike and car `>` there, `<` back, `=` both or `-`,
/// and the speed in millimetres a second.
fn check(tags: &str, expected: &str) {
    let tags: Tags<'_> = tags.split(' ').filter_map(|tag| tag.split_once('=')).collect();
    let Some(found) = use_of(&tags) else { return assert_eq!("nobody", expected, "{tags:?}") };
    let modes = (0..3).map(|mode| match (found.there[mode], found.back[mode]) {
        (Some(speed), Some(_)) => format!("={speed}"),
        (Some(speed), None) => format!(">{speed}"),
        (None, Some(speed)) => format!("<{speed}"),
        (None, None) => "-".to_owned(),
    });
    assert_eq!(modes.collect::<Vec<_>>().join(" "), expected, "{tags:?}");
}

#[test]
fn classes_have_their_speeds_and_a_signed_limit_holds_for_cars() {
    check("highway=residential", "=1200 =4166 =6944");
    check("highway=primary", "=1200 =4166 =18055");
    check("highway=primary maxspeed=40", "=1200 =4166 =8888");
    check("highway=primary maxspeed=30mph", "=1200 =4166 =10666");
    check("highway=primary maxspeed=CN:urban", "=1200 =4166 =18055");
    check("highway=footway", "=1200 =1200 -");
    check("highway=steps", "=600 - -");
    check("highway=motorway", "- - >25000");
    check("highway=construction", "nobody");
    check("waterway=canal", "nobody");
}

#[test]
fn one_way_binds_wheels_and_not_feet() {
    check("highway=residential oneway=yes", "=1200 >4166 >6944");
    check("highway=residential oneway=-1", "=1200 <4166 <6944");
    check("highway=residential oneway=yes oneway:bicycle=no", "=1200 =4166 >6944");
    check("highway=residential oneway=yes cycleway=opposite_lane", "=1200 =4166 >6944");
    check("highway=tertiary junction=roundabout", "=1200 >4166 >11111");
    check("highway=tertiary junction=roundabout oneway=no", "=1200 =4166 =11111");
    check("highway=motorway oneway=no", "- - =25000");
}

#[test]
fn the_sign_about_a_mode_goes_before_the_one_about_everybody() {
    check("highway=residential access=no", "nobody");
    check("highway=residential access=no foot=yes", "=1200 - -");
    check("highway=residential access=no bicycle=designated", "- =4166 -");
    check("highway=residential vehicle=no", "=1200 - -");
    check("highway=residential motor_vehicle=no", "=1200 =4166 -");
    check("highway=residential motor_vehicle=no motorcar=yes", "=1200 =4166 =6944");
    check("highway=footway bicycle=yes", "=1200 =2777 -");
    check("highway=cycleway foot=no", "- =4166 -");
    check("highway=primary bicycle=dismount", "=1200 =1200 =18055");
    check("highway=primary bicycle=use_sidepath foot=use_sidepath", "- - =18055");
    check("highway=trunk motorroad=yes", "- - =23611");
    check("highway=footway access=yes", "=1200 =1200 -");
    check("highway=service access=private", "=1200 =4166 =4166");
}
