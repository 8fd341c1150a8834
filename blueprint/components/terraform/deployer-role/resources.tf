# On what a service's actions are allowed. Names of the stack where an ARN holds a name; where AWS chooses an id, whatever
# there is of that kind in the account, which the stage has for itself.
locals {
  here = { for service in local.regional : service => [for region in var.regions : "arn:${local.partition}:${service}:${region}:${local.account}"] }

  regional = [
    "access-analyzer", "acm", "backup", "cloudtrail", "cloudwatch", "config", "dynamodb", "ec2", "ecr", "eks", "elasticloadbalancing",
    "events", "guardduty", "kms", "logs", "rds", "secretsmanager", "securityhub", "sns", "sqs", "wafv2", "xray",
  ]

  kinds = {
    access-analyzer      = ["analyzer/${local.prefix}-*"]
    acm                  = ["certificate/*"]
    backup               = ["backup-vault:${local.prefix}-*", "backup-plan:*"]
    cloudtrail           = ["trail/${local.prefix}-*"]
    cloudwatch           = ["alarm:${local.prefix}-*"]
    config               = ["config-rule/*"]
    dynamodb             = ["table/${local.prefix}-*"]
    ec2                  = ["*/*"]
    ecr                  = ["repository/${local.prefix}-*"]
    eks                  = [for kind in ["access-entry", "addon", "cluster", "nodegroup", "podidentityassociation"] : "${kind}/${local.prefix}-*"]
    elasticloadbalancing = ["listener/app/*", "listener-rule/app/*", "loadbalancer/app/*", "targetgroup/*"]
    events               = ["rule/${local.prefix}-*"]
    guardduty            = ["detector/*"]
    kms                  = ["alias/${local.prefix}-*", "key/*"]
    logs                 = ["log-group:*${local.prefix}-*"]
    rds                  = [for kind in ["cluster", "cluster-pg", "db", "pg", "subgrp"] : "${kind}:${local.prefix}-*"]
    secretsmanager       = ["secret:${local.prefix}-*"]
    securityhub          = ["hub/default"]
    sns                  = ["${local.prefix}-*"]
    sqs                  = ["${local.prefix}-*"]
    wafv2                = ["regional/*/*"]
    xray                 = ["group/*", "sampling-rule/*"]
  }

  # Of services without regions, and of parts of others.
  elsewhere = {
    budgets    = ["arn:${local.partition}:budgets::${local.account}:budget/${local.prefix}-*"]
    ce         = [for kind in ["anomalymonitor", "anomalysubscription"] : "arn:${local.partition}:ce::${local.account}:${kind}/*"]
    cloudwatch = ["arn:${local.partition}:cloudwatch::${local.account}:dashboard/${local.prefix}-*"]
    ec2        = [for region in var.regions : "arn:${local.partition}:ec2:${region}::image/ami-*"]
    iam        = ["${local.iam}:role/${local.prefix}-*", "${local.iam}:policy/${local.prefix}-*", "${local.iam}:oidc-provider/*"]
    route53    = ["arn:${local.partition}:route53:::hostedzone/*", "arn:${local.partition}:route53:::change/*"]
    s3         = ["arn:${local.partition}:s3:::${local.prefix}-*"]
    wafv2      = [for region in var.regions : "arn:${local.partition}:elasticloadbalancing:${region}:${local.account}:loadbalancer/app/*"]
  }

  resources = {
    for service in distinct(concat(keys(local.kinds), keys(local.elsewhere))) : service => concat(
      flatten([for place in lookup(local.here, service, []) : [for kind in local.kinds[service] : "${place}:${kind}"]]),
      lookup(local.elsewhere, service, []),
    )
  }

  # Actions for which AWS knows no resource; the rule no_wildcard_grant has the same list, and judges this component.
  anywhere = join("|", [
    "^acm:ListCertificates$",
    "^backup-storage:MountCapsule$",
    "^cloudtrail:(DescribeTrails|ListTrails)$",
    "^cloudwatch:(DescribeAlarms|ListDashboards|ListMetrics)$",
    "^config:(Delete|Describe|Put|Start|Stop)(ConfigurationRecorder|ConfigurationRecorders|ConfigurationRecorderStatus|DeliveryChannel|DeliveryChannels)$",
    "^config:DescribeConfigRules$",
    "^ec2:(Describe[A-Za-z]+|(Get|Modify|Reset|Enable|Disable)Ebs[A-Za-z]+)$",
    "^ecr:GetAuthorizationToken$",
    "^eks:DescribeAddonVersions$",
    "^elasticloadbalancing:Describe[A-Za-z]+$",
    "^guardduty:(CreateDetector|ListDetectors)$",
    "^iam:(Delete|Get|Update)AccountPasswordPolicy$",
    "^kms:(CreateKey|ListAliases|ListKeys)$",
    "^logs:(CreateLogDelivery|DeleteLogDelivery|DeleteQueryDefinition|DescribeLogGroups|DescribeQueryDefinitions|DescribeResourcePolicies|GetLogDelivery|ListLogDeliveries|PutQueryDefinition|PutResourcePolicy|UpdateLogDelivery)$",
    "^rds:Describe(DBEngineVersions|OrderableDBInstanceOptions)$",
    "^route53:(GetHostedZoneCount|ListHostedZones|ListHostedZonesByName)$",
    "^s3:(Get|Put)AccountPublicAccessBlock$|^s3:ListAllMyBuckets$",
    "^secretsmanager:GetRandomPassword$",
    "^securityhub:(Batch(Dis|En)ableStandards|GetEnabledStandards)$",
    "^sts:GetCallerIdentity$",
    "^xray:(Get|Put)(EncryptionConfig|Groups|SamplingRules)$",
  ])
}
