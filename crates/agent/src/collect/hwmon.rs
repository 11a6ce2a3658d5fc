//! Temperatures from `/sys/class/hwmon`.

use std::fs;
use std::io;
use std::path::Path;

use crate::page::{Kind, Page};
use crate::source::{Roots, attribute, names, number};

struct Chip {
    name: String,
    /// The driver's own name for the chip, which several chips may share.
    driver: String,
    sensors: Vec<Sensor>,
}

struct Sensor {
    /// Such as `temp1`.
    name: String,
    label: Option<String>,
    /// Degrees Celsius, in the order of [`FAMILIES`].
    celsius: [Option<f64>; FAMILIES.len()],
}

const FAMILIES: [(&str, &str, &str); 3] = [
    ("input", "node_hwmon_temp_celsius", "Temperature of a sensor."),
    ("crit", "node_hwmon_temp_crit_celsius", "Temperature at which a sensor calls it critical."),
    ("max", "node_hwmon_temp_max_celsius", "Temperature a sensor should not exceed."),
];

/// Fails where there is no such directory, as on most virtual machines.
pub(crate) fn hwmon(roots: &Roots, chips_max: usize, page: &mut Page<'_>) -> io::Result<()> {
    let class = roots.sys.join("class/hwmon");
    let chips: Vec<Chip> = names(&class, chips_max)?
        .iter()
        .filter_map(|entry| read_chip(&class.join(entry)))
        .collect();
    let sensors =
        || chips.iter().flat_map(|chip| chip.sensors.iter().map(move |sensor| (chip, sensor)));

    if chips.iter().any(|chip| !chip.driver.is_empty()) {
        page.family("node_hwmon_chip_names", Kind::Gauge, "The driver of a chip; always 1.");
        for chip in chips.iter().filter(|chip| !chip.driver.is_empty()) {
            page.sample(&[("chip", &chip.name), ("chip_name", &chip.driver)], 1.0);
        }
    }
    if sensors().any(|(_, sensor)| sensor.label.is_some()) {
        page.family("node_hwmon_sensor_label", Kind::Gauge, "The label of a sensor; always 1.");
        for (chip, sensor) in sensors() {
            if let Some(label) = &sensor.label {
                let labels = [("chip", &*chip.name), ("label", label), ("sensor", &sensor.name)];
                page.sample(&labels, 1.0);
            }
        }
    }
    for (index, (_, name, help)) in FAMILIES.iter().enumerate() {
        let values = sensors()
            .filter_map(|(chip, sensor)| Some((chip, sensor, (*sensor.celsius.get(index)?)?)));
        let mut values = values.peekable();
        if values.peek().is_some() {
            page.family(name, Kind::Gauge, help);
        }
        for (chip, sensor, celsius) in values {
            page.sample(&[("chip", &chip.name), ("sensor", &sensor.name)], celsius);
        }
    }
    Ok(())
}

fn read_chip(dir: &Path) -> Option<Chip> {
    // Older drivers keep their files one level deeper.
    let dir = if dir.join("name").exists() { dir.to_owned() } else { dir.join("device") };
    let mut sensors: Vec<Sensor> = Vec::new();
    for file in names(&dir, usize::MAX).ok()? {
        let Some(name) = file.strip_suffix("_input").filter(|name| is_temperature(name)) else {
            continue;
        };
        let celsius = FAMILIES.map(|(property, _, _)| {
            Some(number(&attribute(&dir, &format!("{name}_{property}"))?)? / 1000.0)
        });
        let label = attribute(&dir, &format!("{name}_label")).filter(|label| !label.is_empty());
        sensors.push(Sensor { name: name.to_owned(), label, celsius });
    }
    let driver = attribute(&dir, "name").map(|name| clean(&name)).unwrap_or_default();
    Some(Chip { name: chip_name(&dir, &driver)?, driver, sensors })
}

fn is_temperature(name: &str) -> bool {
    name.strip_prefix("temp")
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

/// Named after the device and its bus, which stay the same over restarts; else after the driver;
/// else after the entry itself.
fn chip_name(dir: &Path, driver: &str) -> Option<String> {
    let last = |path: Option<&Path>| {
        let name = path.and_then(Path::file_name).and_then(|name| name.to_str());
        name.map(clean).filter(|name| !name.is_empty())
    };
    let device = fs::canonicalize(dir.join("device")).ok();
    let device = device.as_deref();
    match (last(device.and_then(Path::parent)), last(device)) {
        (Some(bus), Some(device)) => Some(format!("{bus}_{device}")),
        _ if !driver.is_empty() => Some(driver.to_owned()),
        _ => last(fs::canonicalize(dir).ok().as_deref()),
    }
}

/// Lower case, with everything but letters, digits, colons and underscores replaced.
fn clean(name: &str) -> String {
    let keep = |c: char| c.is_ascii_alphanumeric() || c == ':' || c == '_';
    let name: String =
        name.chars().map(|c| if keep(c) { c.to_ascii_lowercase() } else { '_' }).collect();
    name.trim_matches('_').to_owned()
}
