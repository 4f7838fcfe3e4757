//! Responders: who can attend.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{DistrictCode, Point, ResponderId};

/// Who a responder is to the subject. A rung names the tiers it asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    Keyholder,
    Volunteer,
    Staff,
}

/// By what a responder travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Travel {
    Foot,
    Ebike,
    Car,
}

impl Travel {
    pub const ALL: [Travel; 3] = [Travel::Foot, Travel::Ebike, Travel::Car];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Foot => "foot",
            Self::Ebike => "ebike",
            Self::Car => "car",
        }
    }
}

/// What a time of arrival was reckoned along.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// The straight line with a detour factor: what every time was before there were roads.
    #[default]
    Line,
    /// The road network.
    Road,
}

impl Way {
    pub fn is_line(&self) -> bool {
        *self == Self::Line
    }
}

/// A responder as the registry knows them. Name and phone are private: they go to the console, never to an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Responder {
    pub id: ResponderId,
    pub district: DistrictCode,
    pub name: String,
    pub phone: String,
    pub tier: Tier,
    pub skills: Vec<String>,
    pub travel: Travel,
    pub base: Point,
}
