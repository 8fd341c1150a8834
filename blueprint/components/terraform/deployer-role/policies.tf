locals {
  # Identities are written by statements of their own, below.
  identity_actions = "^iam:(AttachRolePolicy|CreateRole|CreateServiceLinkedRole|PassRole|PutRolePermissionsBoundary|PutRolePolicy)$"

  services = {
    for role, about in local.roles : role => {
      for service in distinct([for action in about.actions : split(":", action)[0]]) :
      service => [for action in about.actions : action if startswith(action, "${service}:") && !can(regex(local.identity_actions, action))]
    }
  }

  # Those for which AWS knows a resource, a statement a service; and all others in one.
  granted = {
    for role, services in local.services : role => concat(
      [for service, actions in services : {
        Effect   = "Allow"
        Action   = [for action in actions : action if !can(regex(local.anywhere, action))]
        Resource = lookup(local.resources, service, [])
      } if anytrue([for action in actions : !can(regex(local.anywhere, action))])],
      [{
        Effect   = "Allow"
        Action   = [for action in flatten(values(services)) : action if can(regex(local.anywhere, action))]
        Resource = ["*"]
      }],
    )
  }

  states = { bucket = var.state.bucket_arn, objects = "${var.state.bucket_arn}/*", locks = "${var.state.bucket_arn}/*.tflock" }

  state_of_plan = [
    { Effect = "Allow", Action = ["s3:ListBucket"], Resource = [local.states.bucket] },
    { Effect = "Allow", Action = ["s3:GetObject"], Resource = [local.states.objects] },
    { Effect = "Allow", Action = ["s3:DeleteObject", "s3:PutObject"], Resource = [local.states.locks] },
    { Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = [var.state.key_arn], Condition = local.through_s3 },
  ]
  state_of_apply = [
    { Effect = "Allow", Action = ["s3:ListBucket"], Resource = [local.states.bucket] },
    { Effect = "Allow", Action = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"], Resource = [local.states.objects] },
    { Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = [var.state.key_arn], Condition = local.through_s3 },
  ]
  through_s3 = { StringEquals = { "kms:ViaService" = ["s3.${var.state.region}.amazonaws.com"] } }

  # A role is made with a boundary, gets rights only while it has one, and is handed to no service but its own.
  identities = concat(
    [for statement in [{
      Effect    = "Allow"
      Action    = ["iam:AttachRolePolicy", "iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"]
      Resource  = ["${local.iam}:role/${local.prefix}-*"]
      Condition = { StringEquals = { "iam:PermissionsBoundary" = var.boundary_arns } }
    }] : statement if contains(local.writes, "iam:CreateRole")],
    [for service in sort(keys(var.passed_roles)) : {
      Effect    = "Allow"
      Action    = ["iam:PassRole"]
      Resource  = [for role in var.passed_roles[service] : "${local.iam}:role/${role}"]
      Condition = { StringEquals = { "iam:PassedToService" = [service] } }
    }],
    [for statement in [{
      Effect    = "Allow"
      Action    = ["iam:CreateServiceLinkedRole"]
      Resource  = ["${local.iam}:role/aws-service-role/*"]
      Condition = { StringEquals = { "iam:AWSServiceName" = local.linked } }
    }] : statement if length(local.linked) > 0],
  )

  # Services that make a role of their own when they are first used.
  linked = sort(compact([for component, service in {
    alb = "elasticloadbalancing.amazonaws.com"
    eks = "eks-nodegroup.amazonaws.com"
    rds = "rds.amazonaws.com"
  } : contains(var.components, component) ? service : ""]))

  # Whatever is allowed above: who deploys changes neither himself nor what bounds him and the others.
  guard = [{
    Effect = "Deny"
    Action = [
      "iam:AttachRolePolicy",
      "iam:CreatePolicyVersion",
      "iam:DeletePolicy",
      "iam:DeletePolicyVersion",
      "iam:DeleteRole",
      "iam:DeleteRolePolicy",
      "iam:DetachRolePolicy",
      "iam:PutRolePermissionsBoundary",
      "iam:PutRolePolicy",
      "iam:SetDefaultPolicyVersion",
      "iam:UpdateAssumeRolePolicy",
      "iam:UpdateRole",
    ]
    Resource = sort(concat(
      ["${local.iam}:role/${local.id}-*", "${local.iam}:policy/${local.id}-*"],
      var.boundary_arns,
      [for role in var.protected_roles : "${local.iam}:role/${role}"],
    ))
  }]

  # AWS takes 6144 characters in a policy and ten policies on a role: statements go, in their order, into as few as they fit.
  most = 3000
  all  = { for role, about in local.roles : role => [for statement in concat(local.granted[role], about.statements) : jsonencode(statement)] }
  upto = { for role, texts in local.all : role => [for number in range(length(texts)) : sum([for text in slice(texts, 0, number + 1) : length(text)])] }
  bins = {
    for one in distinct(flatten([for role, ends in local.upto : [for end in ends : "${role}-${floor(end / local.most)}"]])) : one => one
  }
  policies = {
    for one in keys(local.bins) : one => {
      role = split("-", one)[0]
      statements = [
        for number, text in local.all[split("-", one)[0]] : text
        if "${split("-", one)[0]}-${floor(local.upto[split("-", one)[0]][number] / local.most)}" == one
      ]
    }
  }
}

resource "aws_iam_policy" "this" {
  for_each = local.policies

  name        = "${local.id}-${each.key}"
  description = "Part of what the role ${local.id}-${each.value.role} may do"
  tags        = var.tags
  policy      = "{\"Version\":\"2012-10-17\",\"Statement\":[${join(",", each.value.statements)}]}"

  lifecycle {
    precondition {
      condition     = length(local.policies) <= 20 && length(join(",", each.value.statements)) <= 6000
      error_message = "components must be fewer: AWS takes 6144 characters in a policy and ten policies on a role. Make two roles, for two groups of components."
    }
  }
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = local.policies

  role       = aws_iam_role.this[each.value.role].name
  policy_arn = aws_iam_policy.this[each.key].arn
}
