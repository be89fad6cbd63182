//! Who gets in, and how.

use super::template::{all_of, properties, template};
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[test]
fn tokens_guard_the_api_and_nothing_else() {
    let routes = all_of("AWS::ApiGatewayV2::Route").into_iter();
    let routes: BTreeMap<String, Value> = routes
        .map(|(_, route)| (route["RouteKey"].as_str().unwrap().to_owned(), route["AuthorizationType"].clone()))
        .collect();
    let wanted = [("$default", json!("NONE")), ("ANY /api/{proxy+}", json!("JWT"))];
    assert_eq!(routes, wanted.into_iter().map(|(key, kind)| (key.to_owned(), kind)).collect());
    assert_eq!(properties("ApiTokens")["AuthorizerType"], "JWT");
    assert_eq!(properties("ApiRoute")["AuthorizerId"], json!({"Ref": "ApiTokens"}));
}

#[test]
fn nobody_signs_up_and_nobody_chooses_a_tenant() {
    let pool = properties("UserPool");
    assert_eq!(pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"], true);
    assert_eq!((&pool["Schema"][0]["Name"], &pool["Schema"][0]["Mutable"]), (&json!("tenant"), &json!(false)));
    let client = properties("UserPoolClient");
    assert_eq!(client["WriteAttributes"], json!(["email"]), "named, and without the tenant");
    assert!(client["ReadAttributes"].as_array().unwrap().contains(&json!("custom:tenant")));
    assert_eq!(template()["Parameters"]["TenantClaim"]["Default"], "custom:tenant");
}

#[test]
fn people_look_until_somebody_of_the_account_makes_them_operators() {
    let mut groups: Vec<Value> =
        all_of("AWS::Cognito::UserPoolGroup").into_iter().map(|(_, group)| group["GroupName"].clone()).collect();
    groups.sort_by_key(ToString::to_string);
    assert_eq!(groups, ["operator", "viewer"]);
    // A claim that Cognito makes of the groups; no attribute, which a client might let people write.
    assert_eq!(template()["Parameters"]["RoleClaim"]["Default"], "cognito:groups");
    assert_eq!(properties("Console")["Environment"]["Variables"]["BACKHAUL_ROLE_CLAIM"], json!({"Ref": "RoleClaim"}));
}

#[test]
fn the_client_keeps_no_secret_and_uses_the_code_flow() {
    let client = properties("UserPoolClient");
    assert_eq!((&client["GenerateSecret"], &client["AllowedOAuthFlows"]), (&json!(false), &json!(["code"])));
    let callback = client["CallbackURLs"][0]["Fn::Join"][1].as_array().unwrap();
    assert_eq!(callback.last(), Some(&json!("/login/callback")));
    // Neither with a password in hand, nor without signing as somebody of the account.
    assert_eq!(client["ExplicitAuthFlows"], json!(["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH"]));
}

#[test]
fn only_webhook_functions_have_a_url() {
    let mut urls: Vec<Value> =
        all_of("AWS::Lambda::Url").into_iter().map(|(_, url)| url["TargetFunctionArn"].clone()).collect();
    urls.sort_by_key(ToString::to_string);
    let wanted = ["AccountingWebhook", "ChannelWebhook", "CourierWebhook"];
    assert_eq!(urls, wanted.map(|id| json!({"Fn::GetAtt": format!("{id}.Arn")})));
    for (id, permission) in all_of("AWS::Lambda::Permission") {
        if permission["Principal"] == "*" {
            let by_url = permission["FunctionUrlAuthType"] == "NONE" || permission["InvokedViaFunctionUrl"] == true;
            assert!(by_url, "{id} lets everybody call the function past its URL");
        } else {
            assert!(permission["SourceArn"].is_object(), "{id} lets any API of that service in");
        }
    }
}

#[test]
fn nothing_meant_for_tests_is_on_by_itself() {
    let template = template();
    let default = |name: &str| template["Parameters"][name]["Default"].clone();
    assert_eq!(default("AllowPrivateTargets"), "false");
    assert_eq!(
        (default("RetryDelays"), default("RecheckMax"), default("FullWatch")),
        (json!(""), json!(""), json!("yes"))
    );
}
