//! Colours, each with one meaning in every picture.
//!
//! Those on paper are of the set of Okabe and Ito (*Color Universal Design*, 2008), which are told apart with any colour
//! vision; those on a dark page are the same hues, lighter or darker.

use plotters::prelude::RGBColor;

/// What a colour stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    /// Requests that were served.
    Served,
    /// Requests that nobody could serve.
    Unserved,
    /// Pods on ECS nodes, and what is paid for the part of nodes that they request.
    Ecs,
    /// What is paid for the rest of ECS nodes.
    IdleEcs,
    /// Pods on virtual nodes though an ECS node had room.
    Early,
    /// Other pods on virtual nodes, and what is paid for all of them.
    Virtual,
    /// Pods without a node.
    Pending,
    /// Pods with a node that are not ready.
    Starting,
    /// What is better than something else.
    Good,
    /// What is worse.
    Bad,
    /// Letters and lines.
    Text,
    /// Letters of axes.
    Axis,
    /// Lines of a grid.
    Grid,
    /// What all of it stands on.
    Paper,
}

/// Red, green, blue.
type Rgb = (u8, u8, u8);

impl Ink {
    /// All of them.
    pub(crate) const ALL: [Self; 14] = [
        Self::Served,
        Self::Unserved,
        Self::Ecs,
        Self::IdleEcs,
        Self::Early,
        Self::Virtual,
        Self::Pending,
        Self::Starting,
        Self::Good,
        Self::Bad,
        Self::Text,
        Self::Axis,
        Self::Grid,
        Self::Paper,
    ];

    /// Its name on a page.
    pub(crate) const fn name(self) -> &'static str {
        self.looks().0
    }

    /// What it looks like on paper.
    pub(super) const fn colour(self) -> RGBColor {
        let (red, green, blue) = self.looks().1;
        RGBColor(red, green, blue)
    }

    /// What it looks like on paper, and on a dark page, as style sheets have colours.
    pub(crate) fn on_page(self) -> [String; 2] {
        let (_, light, dark) = self.looks();
        [light, dark].map(|(red, green, blue)| format!("#{red:02X}{green:02X}{blue:02X}"))
    }

    /// Its name, what it looks like on paper, and what on a dark page.
    const fn looks(self) -> (&'static str, Rgb, Rgb) {
        match self {
            Self::Served => ("served", (86, 180, 233), (63, 143, 190)),
            Self::Unserved => ("unserved", (164, 19, 60), (255, 124, 150)),
            Self::Ecs => ("ecs", (0, 114, 178), (58, 148, 209)),
            Self::IdleEcs => ("idle-ecs", (168, 205, 228), (74, 112, 142)),
            Self::Early => ("early", (213, 72, 0), (240, 104, 40)),
            Self::Virtual => ("virtual", (240, 180, 60), (226, 166, 52)),
            Self::Pending => ("pending", (120, 40, 100), (178, 92, 158)),
            Self::Starting => ("starting", (204, 121, 167), (226, 160, 198)),
            Self::Good => ("good", (0, 105, 92), (92, 200, 184)),
            Self::Bad => ("bad", (176, 42, 48), (255, 138, 128)),
            Self::Text => ("text", (20, 20, 20), (236, 238, 240)),
            Self::Axis => ("axis", (90, 90, 90), (168, 174, 180)),
            Self::Grid => ("grid", (222, 222, 222), (52, 58, 64)),
            Self::Paper => ("paper", (255, 255, 255), (21, 24, 28)),
        }
    }

    /// A picture for a page: its colours follow those of the page.
    pub(crate) fn follow_page(svg: &str) -> String {
        Self::ALL.iter().fold(svg.to_owned(), |svg, ink| {
            svg.replace(&format!("\"{}\"", ink.on_page()[0]), &format!("\"var(--{})\"", ink.name()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_and_every_name_means_one_thing() {
        for (number, one) in Ink::ALL.iter().enumerate() {
            for other in &Ink::ALL[..number] {
                assert_ne!(one.name(), other.name());
                assert_ne!(one.on_page()[0], other.on_page()[0]);
                assert_ne!(one.on_page()[1], other.on_page()[1]);
            }
        }
    }

    #[test]
    fn a_picture_on_a_page_has_no_colour_of_its_own() {
        let svg = Ink::follow_page(r##"<rect fill="#0072B2"/><text fill="#141414">#0072B2</text>"##);
        assert_eq!(svg, r#"<rect fill="var(--ecs)"/><text fill="var(--text)">#0072B2</text>"#);
    }
}
