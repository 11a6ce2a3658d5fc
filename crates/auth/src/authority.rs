//! The one place that decides: who may do what, and whose data a request may open.

use model::{InvalidTenant, Tenant};
use query::{LabelPolicy, Scope, TenantLimits};

use crate::{Identity, Role, Via};

/// What a request wants to do. One variant per right, not per route; rights on single folders,
/// dashboards and data sources come on top.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// See the frontend settings, one's organisation and one's rights.
    Visit,
    /// See oneself; change one's own password, preferences and stars. Nobody's when anonymous.
    UseOwnAccount,
    /// Search and open dashboards and folders, and run their queries.
    ReadDashboards,
    /// Save and delete dashboards and folders, where one's permissions reach.
    WriteDashboards,
    /// Make things that belong to no folder: playlists.
    Compose,
    /// Write annotations.
    Annotate,
    /// Query metrics.
    ReadMetrics,
    /// List data sources with their addresses; Grafana keeps this from viewers.
    ReadDataSources,
    /// Create, change and delete data sources, and say who may query them.
    WriteDataSources,
    /// See the organisation's users, teams and service accounts.
    ReadOrg,
    /// Change the organisation: its users, teams, service accounts, preferences.
    WriteOrg,
    /// Store samples.
    WriteMetrics,
    /// Delete series, and copy the store.
    AdministerMetrics,
    /// Change the server: all users, all organisations, settings. Needs a server administrator.
    AdministerServer,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Visit,
        Self::UseOwnAccount,
        Self::ReadDashboards,
        Self::WriteDashboards,
        Self::Compose,
        Self::Annotate,
        Self::ReadMetrics,
        Self::ReadDataSources,
        Self::WriteDataSources,
        Self::ReadOrg,
        Self::WriteOrg,
        Self::WriteMetrics,
        Self::AdministerMetrics,
        Self::AdministerServer,
    ];

    /// The weakest role that has it; `None` for what no role of an organisation gives.
    #[must_use]
    pub fn role_min(self) -> Option<Role> {
        Some(match self {
            Self::Visit | Self::UseOwnAccount => Role::None,
            // A viewer may hold a permission to edit one folder; the handler asks for it.
            Self::ReadDashboards | Self::WriteDashboards | Self::ReadMetrics | Self::Annotate => {
                Role::Viewer
            }
            Self::Compose | Self::ReadDataSources => Role::Editor,
            Self::WriteDataSources
            | Self::ReadOrg
            | Self::WriteOrg
            | Self::WriteMetrics
            | Self::AdministerMetrics => Role::Admin,
            Self::AdministerServer => return None,
        })
    }
}

/// Parts of Orrery that read or write without a user behind them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Component {
    Scraper,
    HostCollector,
    OwnTelemetry,
    Rules,
}

/// Who stands behind a request.
#[derive(Clone, Debug)]
pub enum Principal<'a> {
    User(&'a Identity),
    Component(Component),
    /// A client of a face that knows no users, as the Prometheus and Mimir APIs: the listen
    /// address is its protection, the tenant header its key.
    OpenFace,
}

/// Why something may not be done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// It is beyond the role. The message is Grafana's.
    #[error("You'll need additional permissions to perform this action")]
    Role { action: Action },
    /// The tenant has no right to it.
    #[error("tenant \"{tenant}\" may not use the admin API (list it in tenancy.admin_tenants)")]
    Tenant { tenant: Tenant },
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TenantError {
    #[error("X-Scope-OrgID {org:?} and X-Tenant-ID {tenant:?} name different tenants")]
    Conflict { org: String, tenant: String },
    #[error(transparent)]
    Invalid(#[from] InvalidTenant),
}

/// Decides, under the limits it was given.
#[derive(Clone, Debug, Default)]
pub struct Authority {
    limits: TenantLimits,
    admin_tenants: Vec<Tenant>,
}

impl Authority {
    #[must_use]
    pub fn new(limits: TenantLimits) -> Self {
        Self { limits, admin_tenants: Vec::new() }
    }

    /// Lets open faces administer the metrics of these tenants; without it, of none.
    #[must_use]
    pub fn with_admin_tenants(mut self, tenants: Vec<Tenant>) -> Self {
        self.admin_tenants = tenants;
        self
    }

    /// The tenant that the two headers name; without either, the default tenant.
    pub fn tenant(org: Option<&str>, tenant: Option<&str>) -> Result<Tenant, TenantError> {
        match (org, tenant) {
            (Some(org), Some(tenant)) if org != tenant => {
                Err(TenantError::Conflict { org: org.to_owned(), tenant: tenant.to_owned() })
            }
            (Some(id), _) | (None, Some(id)) => Ok(Tenant::parse(id)?),
            (None, None) => Ok(Tenant::default()),
        }
    }

    /// Whether the principal may do this at all.
    pub fn permit(&self, who: &Principal<'_>, action: Action) -> Result<(), Denied> {
        let allowed = match who {
            Principal::User(user) => {
                let by_role = action.role_min().is_some_and(|least| user.role >= least);
                let by_server = user.grafana_admin && action == Action::AdministerServer;
                let has_account = user.via != Via::Anonymous || action != Action::UseOwnAccount;
                (by_role || by_server) && has_account
            }
            Principal::Component(_) => true,
            // Which tenants' metrics may be administered is decided with the tenant.
            Principal::OpenFace => matches!(
                action,
                Action::ReadMetrics | Action::WriteMetrics | Action::AdministerMetrics
            ),
        };
        if allowed { Ok(()) } else { Err(Denied::Role { action }) }
    }

    /// Opens a tenant for a permitted action: the only way to a [`Scope`] in the product.
    pub fn scope(
        &self,
        who: &Principal<'_>,
        action: Action,
        tenant: Tenant,
    ) -> Result<Scope, Denied> {
        self.permit(who, action)?;
        let by_tenant = matches!(who, Principal::OpenFace) && action == Action::AdministerMetrics;
        if by_tenant && !self.admin_tenants.contains(&tenant) {
            return Err(Denied::Tenant { tenant });
        }
        let label_policy = match who {
            Principal::User(user) => user.label_policy.clone(),
            Principal::Component(_) | Principal::OpenFace => LabelPolicy::everything(),
        };
        Ok(Scope::grant(tenant, self.limits, label_policy))
    }
}

#[cfg(test)]
mod tests {
    use model::Tenant;
    use query::LabelPolicy;

    use super::{Action, Authority, Component, Principal, TenantError};
    use crate::{Identity, Role, Via};

    fn user(role: Role, grafana_admin: bool) -> Identity {
        Identity {
            user_id: 1,
            login: "ada".into(),
            name: String::new(),
            email: String::new(),
            org_id: 1,
            org_name: String::new(),
            role,
            team_ids: Vec::new(),
            tenant: Tenant::default(),
            label_policy: LabelPolicy::everything(),
            is_service_account: false,
            grafana_admin,
            must_change_password: false,
            via: Via::Basic,
        }
    }

    #[test]
    fn roles_open_what_grafana_opens_to_them() {
        use Action::{
            AdministerServer, ReadDashboards, ReadDataSources, UseOwnAccount, WriteMetrics,
            WriteOrg,
        };
        let authority = Authority::default();
        let check = |role, grafana_admin, action, allowed| {
            let user = user(role, grafana_admin);
            let permitted = authority.permit(&Principal::User(&user), action).is_ok();
            assert_eq!(permitted, allowed, "{role} {action:?}");
        };
        check(Role::None, false, UseOwnAccount, true);
        let stranger = Identity { via: Via::Anonymous, ..user(Role::Viewer, false) };
        let stranger = Principal::User(&stranger);
        assert!(authority.permit(&stranger, UseOwnAccount).is_err(), "there is no account");
        assert!(authority.permit(&stranger, ReadDashboards).is_ok());
        check(Role::None, false, ReadDashboards, false);
        check(Role::Viewer, false, ReadDashboards, true);
        check(Role::Viewer, false, ReadDataSources, false);
        check(Role::Editor, false, ReadDataSources, true);
        check(Role::Editor, false, WriteOrg, false);
        check(Role::Admin, false, WriteOrg, true);
        check(Role::Admin, false, AdministerServer, false);
        check(Role::Viewer, true, AdministerServer, true);
        check(Role::Viewer, true, WriteOrg, false);
        check(Role::Viewer, true, ReadDataSources, false);
        check(Role::Viewer, false, WriteMetrics, false);
    }

    #[test]
    fn a_scope_is_granted_for_the_tenant_asked_and_only_when_permitted() {
        let authority = Authority::default();
        let tenant = Tenant::parse("team-a").unwrap();
        let scope = authority
            .scope(&Principal::OpenFace, Action::WriteMetrics, tenant.clone())
            .expect("open faces may write");
        assert_eq!(scope.tenant(), &tenant);
        assert!(
            authority
                .scope(&Principal::OpenFace, Action::AdministerServer, tenant.clone())
                .is_err()
        );
        let scraper = Principal::Component(Component::Scraper);
        assert!(authority.scope(&scraper, Action::WriteMetrics, tenant).is_ok());
    }

    #[test]
    fn open_faces_administer_the_listed_tenants_only() {
        let tenant = |name: &str| Tenant::parse(name).unwrap();
        let authority = Authority::default().with_admin_tenants(vec![tenant("ops")]);
        let granted = |authority: &Authority, name: &str| {
            let action = Action::AdministerMetrics;
            authority.scope(&Principal::OpenFace, action, tenant(name)).map(|_| ())
        };
        assert_eq!(granted(&authority, "ops"), Ok(()));
        let denied = granted(&authority, "dev").unwrap_err();
        assert!(denied.to_string().contains("tenancy.admin_tenants"), "{denied}");
        assert!(granted(&Authority::default(), "ops").is_err());
        let viewer = user(Role::Viewer, false);
        assert!(authority.permit(&Principal::User(&viewer), Action::AdministerMetrics).is_err());
    }

    #[test]
    fn headers_name_the_tenant() {
        let id = |org, tenant| Authority::tenant(org, tenant).map(|t| t.to_string());
        assert_eq!(id(None, None), Ok("default".into()));
        assert_eq!(id(Some("a"), None), Ok("a".into()));
        assert_eq!(id(None, Some("b")), Ok("b".into()));
        assert_eq!(id(Some("a"), Some("a")), Ok("a".into()));
        assert!(matches!(id(Some("a"), Some("b")), Err(TenantError::Conflict { .. })));
        assert!(matches!(id(Some("a/b"), None), Err(TenantError::Invalid(_))));
    }
}
