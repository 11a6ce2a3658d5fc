//! What Orrery does with Grafana's settings, from `grafana.ini` and `GF_*`: those with a meaning
//! here are carried over into the configuration, all others are told once and change nothing.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::SocketAddr;

use super::ini::{GrafanaSetting, from_environment, parse, variable};
use super::{Address, Config, Period, Secret};

/// Settings that are carried over.
const ACTED_ON: [(&str, &str); 41] = [
    ("paths", "provisioning"),
    ("server", "protocol"),
    ("server", "http_addr"),
    ("server", "http_port"),
    ("server", "domain"),
    ("server", "root_url"),
    ("security", "admin_user"),
    ("security", "admin_password"),
    ("security", "admin_email"),
    ("security", "disable_initial_admin_creation"),
    ("security", "cookie_secure"),
    ("users", "allow_sign_up"),
    ("users", "allow_org_create"),
    ("users", "auto_assign_org_role"),
    ("users", "default_theme"),
    ("auth.anonymous", "enabled"),
    ("auth.anonymous", "org_name"),
    ("auth.anonymous", "org_role"),
    ("auth.basic", "enabled"),
    ("auth", "disable_login_form"),
    ("auth", "login_maximum_lifetime_duration"),
    ("auth", "login_maximum_inactive_lifetime_duration"),
    ("auth", "login_maximum_lifetime_days"),
    ("auth", "login_maximum_inactive_lifetime_days"),
    ("database", "type"),
    ("database", "url"),
    ("database", "host"),
    ("database", "name"),
    ("database", "user"),
    ("database", "password"),
    ("database", "ssl_mode"),
    ("dashboards", "versions_to_keep"),
    ("dashboards", "min_refresh_interval"),
    ("log", "level"),
    ("plugins", "preinstall"),
    ("install", "plugins"),
    ("dataproxy", "timeout"),
    ("dataproxy", "send_user_header"),
    ("metrics", "enabled"),
    ("", "app_mode"),
    ("", "instance_name"),
];

/// Variables of Grafana's container image that are no settings.
const OF_THE_IMAGE: [&str; 3] = ["GF_PATHS_CONFIG", "GF_PATHS_HOME", "GF_VERSION"];

/// The configuration with Grafana's settings laid over it, and what was found and not acted on.
/// Errors: a setting that is acted on has a value that means nothing.
pub(crate) fn apply(
    config: &Config,
    ini: &str,
    environment: &BTreeMap<String, String>,
) -> Result<(Config, Vec<String>), String> {
    let mut settings = parse(ini, environment)?;
    for (section, key) in ACTED_ON {
        let source = variable(section, key);
        if let Some(value) = from_environment(&source, environment)? {
            let (section, key) = (section.to_owned(), key.to_owned());
            settings.push(GrafanaSetting { section, key, value, source });
        }
    }
    let mut notices = unknown_variables(environment);
    let mut taken = Taken::default();
    let mut config = config.clone();
    for setting in &settings {
        match carry_over(&mut config, &mut taken, setting) {
            Ok(Outcome::Done) => {}
            Ok(Outcome::NotActedOn) => notices.push(format!(
                "[{}] {} ({}) is not acted on",
                setting.section, setting.key, setting.source
            )),
            Err(reason) => return Err(format!("{}: {reason}", setting.source)),
        }
    }
    taken.finish(&mut config, &mut notices)?;
    Ok((config, notices))
}

fn unknown_variables(environment: &BTreeMap<String, String>) -> Vec<String> {
    let known: Vec<String> = ACTED_ON.iter().map(|(section, key)| variable(section, key)).collect();
    let is_unknown = |name: &&String| {
        let plain = name.strip_suffix("__FILE").unwrap_or(name);
        name.starts_with("GF_")
            && !OF_THE_IMAGE.contains(&plain)
            && !known.iter().any(|known| known == plain)
    };
    environment.keys().filter(is_unknown).map(|name| format!("{name} is not acted on")).collect()
}

enum Outcome {
    Done,
    NotActedOn,
}

/// Settings that mean something only together.
#[derive(Default)]
struct Taken {
    protocol: String,
    domain: String,
    root_url: String,
    address: Option<String>,
    port: Option<u16>,
    database: BTreeMap<String, String>,
}

fn carry_over(
    config: &mut Config,
    taken: &mut Taken,
    setting: &GrafanaSetting,
) -> Result<Outcome, String> {
    let portal = &mut config.portal;
    let value = setting.value.as_str();
    match (setting.section.as_str(), setting.key.as_str()) {
        ("paths", "provisioning") => {
            portal.provisioning = Some(value.into()).filter(|_| !value.is_empty());
        }
        ("server", "protocol") => value.clone_into(&mut taken.protocol),
        ("server", "http_addr") => taken.address = Some(value.to_owned()),
        ("server", "http_port") => taken.port = Some(number(value)?),
        ("server", "domain") => value.clone_into(&mut taken.domain),
        ("server", "root_url") => value.clone_into(&mut taken.root_url),
        ("security", "admin_user") => value.clone_into(&mut portal.admin_user),
        ("security", "admin_password") => portal.admin_password = Secret(value.to_owned()),
        ("security", "admin_email") => value.clone_into(&mut portal.admin_email),
        ("security", "disable_initial_admin_creation") => portal.create_admin = !flag(value)?,
        ("security", "cookie_secure") => portal.cookie_secure = flag(value)?,
        ("users", "allow_sign_up") => portal.allow_sign_up = flag(value)?,
        ("users", "allow_org_create") => portal.allow_org_create = flag(value)?,
        ("users", "auto_assign_org_role") => portal.new_user_role = role(value)?,
        ("users", "default_theme") => value.clone_into(&mut portal.default_theme),
        ("auth.anonymous", "enabled") => portal.anonymous = flag(value)?,
        ("auth.anonymous", "org_name") => value.clone_into(&mut portal.anonymous_org),
        ("auth.anonymous", "org_role") => portal.anonymous_role = role(value)?,
        ("auth.basic", "enabled") => portal.basic_auth = flag(value)?,
        ("auth", "disable_login_form") => portal.login_form = !flag(value)?,
        ("auth", "login_maximum_lifetime_duration") => portal.session_lifetime = period(value)?,
        ("auth", "login_maximum_inactive_lifetime_duration") => {
            portal.session_idle = period(value)?;
        }
        ("auth", "login_maximum_lifetime_days") => {
            portal.session_lifetime = Period::days(number(value)?);
        }
        ("auth", "login_maximum_inactive_lifetime_days") => {
            portal.session_idle = Period::days(number(value)?);
        }
        (
            "database",
            key @ ("type" | "url" | "host" | "name" | "user" | "password" | "ssl_mode"),
        ) => {
            taken.database.insert(key.to_owned(), value.to_owned());
        }
        ("dashboards", "versions_to_keep") => portal.versions_to_keep = number(value)?,
        ("dashboards", "min_refresh_interval") => portal.min_refresh_interval = period(value)?,
        ("log", "level") => config.log.level = level(value),
        ("plugins", "preinstall") | ("install", "plugins") => portal.plugins = plugins(value),
        ("dataproxy", "timeout") => portal.data_source_timeout = Period::seconds(number(value)?),
        ("dataproxy", "send_user_header") => portal.data_source_user_header = flag(value)?,
        // True of Orrery whatever they say.
        ("metrics", "enabled") | ("", "app_mode" | "instance_name") => {}
        _ => return Ok(Outcome::NotActedOn),
    }
    Ok(Outcome::Done)
}

impl Taken {
    fn finish(self, config: &mut Config, notices: &mut Vec<String>) -> Result<(), String> {
        if !matches!(self.protocol.as_str(), "" | "http") {
            notices.push(format!(
                "[server] protocol {:?} is not acted on: put a proxy that ends TLS in front",
                self.protocol
            ));
        }
        let present = config.listen.portal.0;
        if self.address.is_some() || self.port.is_some() {
            let mut address = present.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 3000)));
            match self.address.as_deref() {
                None => {}
                Some("") => address.set_ip([0, 0, 0, 0].into()),
                Some("localhost") => address.set_ip([127, 0, 0, 1].into()),
                Some(text) => {
                    let ip = text.parse();
                    address.set_ip(
                        ip.map_err(|_| format!("server.http_addr {text:?} is no address"))?,
                    );
                }
            }
            address.set_port(self.port.unwrap_or(address.port()));
            config.listen.portal = Address(Some(address));
        }
        if !self.root_url.is_empty() || !self.domain.is_empty() {
            let port = config.listen.portal.0.map_or(3000, |address| address.port());
            let template = "%(protocol)s://%(domain)s:%(http_port)s/";
            let url = if self.root_url.is_empty() { template } else { &self.root_url };
            let domain = if self.domain.is_empty() { "localhost" } else { &self.domain };
            config.portal.root_url = url
                .replace("%(protocol)s", "http")
                .replace("%(domain)s", domain)
                .replace("%(http_port)s", &port.to_string());
        }
        if let Some(url) = database_url(&self.database)? {
            config.portal.database_url = Secret(url);
        }
        Ok(())
    }
}

/// The address of a PostgreSQL server; `None` for the embedded tables.
fn database_url(given: &BTreeMap<String, String>) -> Result<Option<String>, String> {
    let field = |key: &str| given.get(key).map_or("", String::as_str);
    let url = field("url");
    if !url.is_empty() {
        return match url.split_once("://") {
            Some(("postgres" | "postgresql", _)) => Ok(Some(url.to_owned())),
            Some(("sqlite3", _)) => Ok(None),
            Some((other, _)) => {
                Err(format!("database.url: {other} is not supported, use postgres"))
            }
            None => Err("database.url is no URL".to_owned()),
        };
    }
    match field("type") {
        "" | "sqlite3" => return Ok(None),
        "postgres" | "postgresql" => {}
        other => return Err(format!("database.type {other:?} is not supported, use postgres")),
    }
    let mut url = format!("postgres://{}", encoded(field("user")));
    if !field("password").is_empty() {
        // Writing to a string cannot fail.
        write!(url, ":{}", encoded(field("password"))).unwrap_or_default();
    }
    let mode = if field("ssl_mode").is_empty() { "disable" } else { field("ssl_mode") };
    let name = if field("name").is_empty() { "grafana" } else { field("name") };
    let host = if field("host").is_empty() { "127.0.0.1:5432" } else { field("host") };
    let (host, socket) = if host.starts_with('/') {
        // The directory of a socket.
        ("localhost", format!("&host={}", encoded(host)))
    } else {
        (host, String::new())
    };
    Ok(Some(format!("{url}@{host}/{}?sslmode={mode}{socket}", encoded(name))))
}

fn encoded(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").unwrap_or_default();
        }
        out
    })
}

fn flag(value: &str) -> Result<bool, String> {
    match value.to_ascii_lowercase().as_str() {
        "true" | "1" | "t" | "yes" | "y" | "on" => Ok(true),
        "false" | "0" | "f" | "no" | "n" | "off" | "" => Ok(false),
        _ => Err(format!("{value:?} is neither true nor false")),
    }
}

fn number<T: std::str::FromStr>(value: &str) -> Result<T, String> {
    value.trim().parse().map_err(|_| format!("{value:?} is no number that fits here"))
}

fn role(value: &str) -> Result<String, String> {
    let known = ["None", "Viewer", "Editor", "Admin"];
    let found = known.into_iter().find(|role| role.eq_ignore_ascii_case(value));
    found.map(str::to_owned).ok_or_else(|| format!("{value:?} is no role"))
}

/// Grafana's durations have months, `1M`, and bare numbers are seconds.
fn period(value: &str) -> Result<Period, String> {
    if let Some(months) = value.strip_suffix('M') {
        return number(months).map(|months: u64| Period::days(30 * months));
    }
    match value.parse::<u64>() {
        Ok(seconds) => Ok(Period::seconds(seconds)),
        Err(_) => value.parse(),
    }
}

/// Its levels by our names; anything else is refused where levels are read.
fn level(value: &str) -> String {
    if value == "critical" { "error".to_owned() } else { value.to_owned() }
}

/// Plug-in ids, without versions and addresses: `id@1.0`, `id 1.0`, `url;id`.
fn plugins(value: &str) -> Vec<String> {
    let id = |entry: &str| {
        let entry = entry.rsplit(';').next().unwrap_or_default().trim();
        entry.split(['@', ' ']).next().unwrap_or_default().to_owned()
    };
    value.split(',').map(id).filter(|id| !id.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::apply;
    use crate::config::{Config, Period};

    fn with(ini: &str, pairs: &[(&str, &str)]) -> Result<(Config, Vec<String>), String> {
        let pairs = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        apply(&Config::default(), ini, &pairs.collect::<BTreeMap<_, _>>())
    }

    #[test]
    fn a_variable_wins_over_the_file_and_the_rest_is_told() {
        let ini = "[security]\nadmin_user = ini\nadmin_password = from ini\n[smtp]\nenabled = true\n[auth.anonymous]\nenabled = true\norg_role = Editor\n[dashboards]\nversions_to_keep = 7\n";
        let (config, notices) = with(
            ini,
            &[
                ("GF_SECURITY_ADMIN_USER", "env"),
                ("GF_FEATURE_TOGGLES_ENABLE", "x"),
                ("GF_PATHS_CONFIG", "/etc/grafana/grafana.ini"),
                ("HOME", "/"),
            ],
        )
        .unwrap();
        let portal = &config.portal;
        assert_eq!(
            (portal.admin_user.as_str(), portal.admin_password.0.as_str()),
            ("env", "from ini")
        );
        assert!(portal.anonymous);
        assert_eq!((portal.anonymous_role.as_str(), portal.versions_to_keep), ("Editor", 7));
        assert_eq!(
            notices,
            [
                "GF_FEATURE_TOGGLES_ENABLE is not acted on",
                "[smtp] enabled (grafana.ini line 5) is not acted on"
            ]
        );
    }

    #[test]
    fn every_setting_that_is_acted_on_has_an_effect() {
        let (config, notices) = with(
            "",
            &[
                ("GF_SERVER_HTTP_PORT", "3001"),
                ("GF_SERVER_HTTP_ADDR", ""),
                ("GF_SERVER_ROOT_URL", "%(protocol)s://%(domain)s:%(http_port)s/g/"),
                ("GF_SERVER_DOMAIN", "example.org"),
                ("GF_SECURITY_ADMIN_EMAIL", "a@x"),
                ("GF_SECURITY_COOKIE_SECURE", "true"),
                ("GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION", "true"),
                ("GF_USERS_ALLOW_SIGN_UP", "true"),
                ("GF_USERS_ALLOW_ORG_CREATE", "true"),
                ("GF_USERS_AUTO_ASSIGN_ORG_ROLE", "editor"),
                ("GF_USERS_DEFAULT_THEME", "light"),
                ("GF_AUTH_ANONYMOUS_ORG_NAME", "Other"),
                ("GF_AUTH_BASIC_ENABLED", "false"),
                ("GF_AUTH_DISABLE_LOGIN_FORM", "true"),
                ("GF_AUTH_LOGIN_MAXIMUM_LIFETIME_DURATION", "1M"),
                ("GF_AUTH_LOGIN_MAXIMUM_INACTIVE_LIFETIME_DURATION", "3d"),
                ("GF_DASHBOARDS_MIN_REFRESH_INTERVAL", "10s"),
                ("GF_LOG_LEVEL", "critical"),
                ("GF_INSTALL_PLUGINS", "grafana-clock-panel, a-panel 1.0,http://x/y.zip;b-panel"),
                ("GF_PATHS_PROVISIONING", "/etc/grafana/provisioning"),
                ("GF_DATAPROXY_TIMEOUT", "12"),
            ],
        )
        .unwrap();
        assert_eq!(notices, Vec::<String>::new());
        let portal = &config.portal;
        assert_eq!(config.listen.portal.to_string(), "0.0.0.0:3001");
        assert_eq!(portal.root_url, "http://example.org:3001/g/");
        assert!(portal.cookie_secure && portal.allow_sign_up && portal.allow_org_create);
        assert!(!portal.create_admin && !portal.basic_auth && !portal.login_form);
        assert_eq!(
            (portal.new_user_role.as_str(), portal.default_theme.as_str()),
            ("Editor", "light")
        );
        assert_eq!((portal.admin_email.as_str(), portal.anonymous_org.as_str()), ("a@x", "Other"));
        assert_eq!(
            (portal.session_lifetime, portal.session_idle),
            (Period::days(30), Period::days(3))
        );
        assert_eq!(portal.min_refresh_interval, Period::seconds(10));
        assert_eq!(config.log.level, "error");
        assert_eq!(portal.plugins, ["grafana-clock-panel", "a-panel", "b-panel"]);
        assert_eq!(
            portal.provisioning.as_deref().unwrap().to_str(),
            Some("/etc/grafana/provisioning")
        );
        assert_eq!(portal.data_source_timeout, Period::seconds(12));
    }

    #[test]
    fn the_database_is_named_by_url_or_by_parts() {
        for (pairs, want) in [
            (&[("GF_DATABASE_TYPE", "sqlite3"), ("GF_DATABASE_PATH", "x.db")][..], Ok("")),
            (&[("GF_DATABASE_URL", "postgres://u:p@h/d")], Ok("postgres://u:p@h/d")),
            (
                &[
                    ("GF_DATABASE_TYPE", "postgres"),
                    ("GF_DATABASE_HOST", "db:5433"),
                    ("GF_DATABASE_NAME", "g"),
                    ("GF_DATABASE_USER", "u"),
                    ("GF_DATABASE_PASSWORD", "a@b/c"),
                    ("GF_DATABASE_SSL_MODE", "require"),
                ],
                Ok("postgres://u:a%40b%2Fc@db:5433/g?sslmode=require"),
            ),
            (
                &[("GF_DATABASE_TYPE", "postgres"), ("GF_DATABASE_HOST", "/run/postgresql")],
                Ok("postgres://@localhost/grafana?sslmode=disable&host=%2Frun%2Fpostgresql"),
            ),
            (&[("GF_DATABASE_TYPE", "mysql")], Err("not supported")),
            (&[("GF_DATABASE_URL", "mysql://h/d")], Err("not supported")),
        ] {
            match (with("", pairs), want) {
                (Ok((config, _)), Ok(want)) => assert_eq!(config.portal.database_url.0, want),
                (Err(error), Err(want)) => assert!(error.contains(want), "{error}"),
                (found, _) => panic!("{pairs:?}: {:?}", found.map(|(_, notices)| notices)),
            }
        }
    }

    #[test]
    fn values_that_mean_nothing_name_their_source() {
        for (pairs, want) in [
            (("GF_SERVER_HTTP_PORT", "many"), "GF_SERVER_HTTP_PORT: \"many\""),
            (("GF_AUTH_ANONYMOUS_ENABLED", "maybe"), "neither true nor false"),
            (("GF_AUTH_ANONYMOUS_ORG_ROLE", "Boss"), "\"Boss\" is no role"),
            (("GF_SERVER_HTTP_ADDR", "here"), "is no address"),
            (("GF_SECURITY_ADMIN_PASSWORD__FILE", "/nowhere"), "cannot read /nowhere"),
        ] {
            let error = with("", &[pairs]).unwrap_err();
            assert!(error.contains(want), "{pairs:?}: {error}");
        }
        assert!(with("[users]\nallow_sign_up = maybe\n", &[]).unwrap_err().contains("line 2"));
    }
}
