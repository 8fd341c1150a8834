# The most that a role of the platform itself can ever do: of the cluster, its nodes and add-ons, of backups, of Config, of logs.
# AWS keeps lists of what these need, and they grow: Config's alone names 2,500 actions. So this boundary says what such a role
# never does. It stands under /boundary/, from where the rules let nobody attach anything: it gives nothing to anybody.
locals {
  roles_of_stack = [for prefix in distinct(values(local.prefixes)) : "arn:${local.partition}:iam::${local.account}:role/${prefix}-*"]

  # Services of the whole account, which answer in one region whatever the stack's are.
  of_account = [
    "cloudfront:Get*",
    "cloudfront:List*",
    "iam:CreateServiceLinkedRole",
    "iam:Get*",
    "iam:List*",
    "organizations:Describe*",
    "organizations:List*",
    "route53:Get*",
    "route53:List*",
    "s3:ListAllMyBuckets",
  ]

  never = {
    # No user, key, role or policy, whoever he is; and no other role to go on as.
    NoMoreRights = concat(local.more_rights, [
      "iam:AddClientIDToOpenIDConnectProvider",
      "iam:AddRoleToInstanceProfile",
      "iam:CreateGroup",
      "iam:CreateOpenIDConnectProvider",
      "iam:CreatePolicy",
      "iam:CreateSAMLProvider",
      "iam:DeactivateMFADevice",
      "iam:DeletePolicyVersion",
      "iam:DetachRolePolicy",
      "iam:DeleteRolePolicy",
      "iam:UpdateAccessKey",
      "iam:UpdateOpenIDConnectProviderThumbprint",
      "iam:UpdateSAMLProvider",
      "sts:AssumeRole",
    ])
    NobodyStopsWatching = [
      "access-analyzer:DeleteAnalyzer",
      "cloudtrail:DeleteTrail",
      "cloudtrail:PutEventSelectors",
      "cloudtrail:StopLogging",
      "cloudtrail:UpdateTrail",
      "config:DeleteConfigurationRecorder",
      "config:DeleteDeliveryChannel",
      "config:StopConfigurationRecorder",
      "guardduty:DeleteDetector",
      "guardduty:UpdateDetector",
      "securityhub:DisableSecurityHub",
    ]
    KeysAndBackupsStay = [
      "backup:DeleteBackupVault",
      "backup:DeleteBackupVaultAccessPolicy",
      "backup:DeleteBackupVaultLockConfiguration",
      "backup:DeleteRecoveryPoint",
      "backup:PutBackupVaultAccessPolicy",
      "backup:UpdateRecoveryPointLifecycle",
      "kms:DeleteImportedKeyMaterial",
      "kms:DisableKey",
      "kms:PutKeyPolicy",
      "kms:ScheduleKeyDeletion",
    ]
  }
}

resource "aws_iam_policy" "platform_boundary" {
  name        = "${local.of_regions}-platform-boundary"
  path        = "/boundary/"
  description = "The most that a role of the platform can do in ${var.tenant}-${var.stage}"
  tags        = var.tags

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        { Sid = "InTheRegions", Effect = "Allow", Action = ["*"], Resource = "*", Condition = local.in_region },
        { Sid = "OfTheAccount", Effect = "Allow", Action = local.of_account, Resource = "*" },
      ],
      [for sid in sort(keys(local.never)) : { Sid = sid, Effect = "Deny", Action = local.never[sid], Resource = "*" }],
      [
        # Where a backup is restored, a service gets its role back.
        { Sid = "NoOtherRoles", Effect = "Deny", Action = ["iam:PassRole"], NotResource = local.roles_of_stack },
        {
          Sid         = "NoOtherSecrets"
          Effect      = "Deny"
          Action      = ["secretsmanager:GetSecretValue"]
          NotResource = [for region, prefix in local.prefixes : "arn:${local.partition}:secretsmanager:${region}:${local.account}:secret:${prefix}-*"]
        },
      ],
    )
  })
}
