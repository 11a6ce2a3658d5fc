//! Who a user, a token or a stranger is in an organisation: role, teams, tenant and label policy.

use auth::{Identity, Role, ServiceToken, Via};
use model::{Matcher, Tenant};
use query::LabelPolicy;

use super::{AccountError, Accounts, TOUCH_MS, unless_unwritable};
use crate::tables::{NewToken, OrgRow, TableError, TeamRow, UserRow};

impl Accounts {
    /// Makes a token for a service account; the text is never to be had again.
    pub async fn issue_token(
        &self,
        org: i64,
        account: i64,
        name: &str,
        role: Role,
        expires_ms: i64,
    ) -> Result<(i64, ServiceToken), AccountError> {
        let token = ServiceToken::generate(self.0.random.as_ref()).map_err(AccountError::Random)?;
        let hash = token.hash();
        let new = NewToken { name, hash: hash.as_str(), role, expires_ms };
        let id = self.0.tables.insert_token(org, account, &new, self.0.clock.unix_ms()).await?;
        Ok((id, token))
    }

    /// Recognises a service account by its token. The account's organisation is the token's.
    pub async fn by_service_token(&self, text: &str) -> Result<Identity, AccountError> {
        let token = ServiceToken::parse(text).ok_or(AccountError::Token)?;
        let tables = &self.0.tables;
        let hash = token.hash();
        let owner = tables.token_owner(hash.as_str()).await?.ok_or(AccountError::Token)?;
        let now_ms = self.0.clock.unix_ms();
        let expired = owner.token.expires_ms != 0 && owner.token.expires_ms <= now_ms;
        if owner.token.revoked || expired {
            return Err(AccountError::Token);
        }
        let user = tables.user_by_id(owner.service_account_id).await?;
        let user = user.filter(|user| !user.disabled).ok_or(AccountError::Token)?;
        if now_ms.saturating_sub(owner.token.used_ms) > TOUCH_MS {
            unless_unwritable(tables.touch_token(owner.token.id, now_ms).await);
        }
        let mut identity = self.identify(user, Via::Token, Some(owner.org_id)).await?;
        identity.role = identity.role.min(owner.token.role);
        Ok(identity)
    }

    /// What a visitor without credentials is, when such are let in.
    pub async fn anonymous(&self) -> Result<Option<Identity>, AccountError> {
        let Some(anonymous) = &self.0.config.anonymous else { return Ok(None) };
        let Some(org) = self.0.tables.org_by_name(&anonymous.org_name).await? else {
            return Ok(None);
        };
        Ok(Some(Identity {
            user_id: 0,
            login: String::new(),
            name: "Anonymous".to_owned(),
            email: String::new(),
            org_id: org.id,
            role: anonymous.role,
            team_ids: Vec::new(),
            tenant: tenant(&org.tenant)?,
            label_policy: of_org(&org)?.into(),
            org_name: org.name,
            is_service_account: false,
            grafana_admin: false,
            must_change_password: false,
            via: Via::Anonymous,
        }))
    }

    /// A user in an organisation: the wanted one, or the one they work in. Where they are no
    /// member they have no role.
    pub(super) async fn identify(
        &self,
        user: UserRow,
        via: Via,
        wanted_org: Option<i64>,
    ) -> Result<Identity, AccountError> {
        let tables = &self.0.tables;
        let mut org_id = wanted_org.unwrap_or(user.org_id);
        let mut role = tables.org_role(org_id, user.id).await?;
        if role.is_none() && wanted_org.is_none() {
            // Their organisation was left or deleted: the first of the others takes its place.
            if let Some((org, in_it)) = tables.orgs_of_user(user.id).await?.into_iter().next() {
                (org_id, role) = (org.id, Some(in_it));
            }
        }
        let org = tables.org(org_id).await?;
        let role = role.filter(|_| org.is_some()).unwrap_or(Role::None);
        let teams = tables.teams_of_user(org_id, user.id).await?;
        let of_org = org.as_ref().map(of_org).transpose()?.unwrap_or_default();
        let label_policy = with_teams(of_org, &teams)?;
        // Without an organisation there is no role, and so no data to see.
        let tenant = org.as_ref().map_or_else(|| Ok(Tenant::default()), |o| tenant(&o.tenant))?;
        Ok(Identity {
            user_id: user.id,
            login: user.login,
            name: user.name,
            email: user.email,
            org_id,
            org_name: org.map(|org| org.name).unwrap_or_default(),
            role,
            team_ids: teams.iter().map(|team| team.id).collect(),
            tenant,
            label_policy,
            is_service_account: user.is_service_account,
            grafana_admin: user.grafana_admin,
            must_change_password: user.must_change_password,
            via,
        })
    }
}

fn of_org(org: &OrgRow) -> Result<Vec<Matcher>, AccountError> {
    read_policy(&org.label_policy, || format!("organisation {:?}", org.name))
}

/// What the organisation's conditions leave, as far as any of somebody's teams with a policy lets
/// them see it. As in Grafana's label-based access control, rules of several teams add up, a team
/// without one opens nothing, and without any such team the organisation's conditions are all.
fn with_teams(of_org: Vec<Matcher>, teams: &[TeamRow]) -> Result<LabelPolicy, AccountError> {
    let mut alternatives = Vec::new();
    for team in teams {
        let own = read_policy(&team.label_policy, || format!("team {:?}", team.name))?;
        if !own.is_empty() {
            alternatives.push(of_org.iter().cloned().chain(own).collect());
        }
    }
    Ok(LabelPolicy::any_of(alternatives).unwrap_or_else(|| of_org.into()))
}

/// A tenant's name as the tables hold it.
fn tenant(name: &str) -> Result<Tenant, AccountError> {
    Tenant::parse(name).map_err(|_| TableError::Row { what: "tenant" }.into())
}

/// Matchers of a policy. Errors: the text is no selector, and then nothing may be shown.
pub fn read_policy(text: &str, of: impl Fn() -> String) -> Result<Vec<Matcher>, AccountError> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    let parsed = promql_syntax::parse_selector(text, &promql_syntax::ParseOptions::default());
    let unreadable = |reason: String| AccountError::Policy { of: of(), reason };
    let parsed = parsed.map_err(|error| unreadable(error.to_string()))?;
    let matchers = parsed.iter().map(promql::compile_matcher);
    matchers.map(|matcher| matcher.map_err(|error| unreadable(error.to_string()))).collect()
}
