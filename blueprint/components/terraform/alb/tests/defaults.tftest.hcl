mock_provider "aws" {
  override_during = plan

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_resource "aws_lb" {
    defaults = { arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/acme-use1-prod-shop/1234567890123456" }
  }

  mock_resource "aws_lb_target_group" {
    defaults = { arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/1234567890123456" }
  }

  mock_resource "aws_lb_listener" {
    defaults = { arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/acme-use1-prod-shop/1234567890123456/1234567890123456" }
  }

  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::logs" }
  }

  mock_resource "aws_wafv2_web_acl" {
    defaults = { arn = "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/acme-use1-prod-shop/1" }
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:aws-waf-logs-acme-use1-prod-shop" }
  }
}

variables {
  tenant      = "acme"
  environment = "use1"
  stage       = "prod"
  region      = "us-east-1"
  name        = "shop"
  tags = {
    cost-center = "cc-1234"
    owner       = "team-shop"
    tenant      = "acme"
    stage       = "prod"
    service     = "shop"
  }
  vpc_id             = "vpc-0a1b2c3d4e5f60718"
  subnet_ids         = ["subnet-0a1b2c3d4e5f60718", "subnet-1a1b2c3d4e5f60718"]
  security_group_ids = ["sg-0a1b2c3d4e5f60718"]
  certificate_arn    = "arn:aws:acm:us-east-1:123456789012:certificate/0b6f3a52-8f7e-4f0a-9f0d-0d0d0d0d0d0d"
  key_arn            = "arn:aws:kms:us-east-1:123456789012:key/0b6f3a52-8f7e-4f0a-9f0d-0d0d0d0d0d0d"
  target_groups      = { web = { port = 8443 } }
  alarm_topic_arns   = ["arn:aws:sns:us-east-1:123456789012:acme-use1-prod-alarms"]
}

# One run, because each plan of a firewall costs a second: its schema is the largest of all.
run "private_strict_encrypted_guarded_and_logged" {
  command = plan

  assert {
    condition     = aws_lb.this.internal && aws_lb.this.enable_deletion_protection && aws_lb.this.drop_invalid_header_fields && aws_lb.this.desync_mitigation_mode == "strictest"
    error_message = "it must be private, protected from deletion, and drop what is malformed"
  }

  assert {
    condition     = aws_lb.this.name == "acme-use1-prod-shop" && aws_lb.this.tags == tomap(merge(var.tags, { Name = "acme-use1-prod-shop" }))
    error_message = "it must have its name and the tags"
  }


  assert {
    condition     = aws_lb_listener.https.port == 443 && aws_lb_listener.https.protocol == "HTTPS" && aws_lb_listener.https.ssl_policy == "ELBSecurityPolicy-TLS13-1-2-Res-2021-06" && aws_lb_listener.https.certificate_arn == var.certificate_arn
    error_message = "the listener must speak TLS 1.2 or 1.3 with the certificate"
  }

  assert {
    condition     = aws_lb_listener.http.default_action[0].type == "redirect" && aws_lb_listener.http.default_action[0].redirect[0].protocol == "HTTPS" && aws_lb_listener.http.default_action[0].redirect[0].status_code == "HTTP_301"
    error_message = "plain HTTP must be sent to HTTPS, for good"
  }

  assert {
    condition     = aws_lb_listener.https.default_action[0].fixed_response[0].status_code == "404"
    error_message = "requests for nobody must get 404"
  }


  assert {
    condition     = aws_lb_target_group.this["web"].protocol == "HTTPS" && aws_lb_target_group.this["web"].health_check[0].protocol == "HTTPS" && aws_lb_target_group.this["web"].health_check[0].path == "/healthz"
    error_message = "traffic and health checks must be encrypted"
  }

  assert {
    condition     = aws_lb_target_group.this["web"].load_balancing_cross_zone_enabled == "true" && aws_lb_target_group.this["web"].deregistration_delay == "30"
    error_message = "targets in all zones must share the load and be drained"
  }


  assert {
    condition     = sort([for rule in aws_wafv2_web_acl.this.rule : rule.name]) == tolist(["AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet", "too-many-requests"])
    error_message = "all rules must be there"
  }

  assert {
    condition     = alltrue([for rule in aws_wafv2_web_acl.this.rule : length(rule.override_action[0].none) == 1 if startswith(rule.name, "AWS")])
    error_message = "groups must block, not count"
  }

  assert {
    condition     = aws_wafv2_web_acl_association.this.resource_arn == aws_lb.this.arn && aws_wafv2_web_acl_association.this.web_acl_arn == aws_wafv2_web_acl.this.arn
    error_message = "the firewall must stand before this load balancer"
  }


  assert {
    condition     = aws_lb.this.access_logs[0].enabled && aws_lb.this.connection_logs[0].enabled && aws_lb.this.access_logs[0].bucket == "acme-use1-prod-shop-alb-123456789012"
    error_message = "requests and connections must be logged"
  }

  assert {
    condition     = jsondecode(aws_s3_bucket_policy.logs.policy).Statement[0].Condition.ArnLike["aws:SourceArn"] == "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/acme-use1-prod-shop/*"
    error_message = "only this load balancer may write the logs"
  }

  assert {
    condition     = jsondecode(aws_s3_bucket_policy.logs.policy).Statement[0].Resource == ["arn:aws:s3:::acme-use1-prod-shop-alb-123456789012/access/AWSLogs/123456789012/*", "arn:aws:s3:::acme-use1-prod-shop-alb-123456789012/connections/AWSLogs/123456789012/*"] && jsondecode(aws_s3_bucket_policy.logs.policy).Statement[1].Effect == "Deny"
    error_message = "it must write below its folders only, and plain HTTP must be denied"
  }

  assert {
    condition     = aws_s3_bucket_public_access_block.logs.restrict_public_buckets && aws_s3_bucket_public_access_block.logs.block_public_policy && aws_s3_bucket_public_access_block.logs.block_public_acls && aws_s3_bucket_public_access_block.logs.ignore_public_acls
    error_message = "nobody else may read the logs"
  }

  assert {
    condition     = aws_cloudwatch_log_group.waf.kms_key_id == var.key_arn && aws_cloudwatch_log_group.waf.retention_in_days == 365 && length(aws_wafv2_web_acl_logging_configuration.this.redacted_fields) == 2
    error_message = "the firewall's log must be encrypted, kept for a year, and hold no credentials"
  }
}

run "long_names_are_cut_and_stay_their_own" {
  command = plan

  variables {
    name = "a-shop-with-a-very-long-name-x"
  }

  assert {
    condition     = length(aws_lb.this.name) <= 32 && startswith(aws_lb.this.name, "acme-use1-prod-a-shop-wit") && length(aws_lb_target_group.this["web"].name) <= 32
    error_message = "names must fit into 32 characters"
  }
}

run "rules_lead_to_their_groups" {
  command = plan

  variables {
    target_groups        = { web = { port = 8443 }, api = { port = 8080 } }
    default_target_group = "web"
    rules                = { api = { priority = 10, target_group = "api", hosts = ["api.example.com"], paths = ["/v1/*"] } }
  }

  assert {
    condition     = aws_lb_listener.https.default_action[0].type == "forward"
    error_message = "the default must forward"
  }

  assert {
    condition     = length(aws_lb_listener_rule.this["api"].condition) == 2 && aws_lb_listener_rule.this["api"].priority == 10
    error_message = "host and path must both be asked for"
  }
}

run "a_group_may_count_for_a_while" {
  command = plan

  variables {
    counted_rule_groups = ["AWSManagedRulesCommonRuleSet"]
  }

  assert {
    condition     = [for rule in aws_wafv2_web_acl.this.rule : rule.name if try(length(rule.override_action[0].count), 0) == 1] == ["AWSManagedRulesCommonRuleSet"]
    error_message = "only the named group must count"
  }
}

run "the_targets_let_the_load_balancer_in" {
  command = plan

  variables {
    target_groups             = { web = { port = 8443 }, api = { port = 9443 } }
    target_security_group_ids = { web = "sg-9a1b2c3d4e5f60718" }
  }

  assert {
    condition     = { for key, rule in aws_vpc_security_group_ingress_rule.targets : key => [rule.security_group_id, rule.referenced_security_group_id, tostring(rule.from_port), tostring(rule.to_port)] } == { web = ["sg-9a1b2c3d4e5f60718", "sg-0a1b2c3d4e5f60718", "8443", "8443"] }
    error_message = "the target group's port must be open to the load balancer, and nothing else"
  }
}
