locals {
  # Identities are written by statements of their own, below.
  identity_actions = "^iam:(AttachRolePolicy|CreateRole|CreateServiceLinkedRole|PassRole|PutRolePermissionsBoundary|PutRolePolicy)$"

  services = {
    for role, actions in local.actions : role => {
      for service in distinct([for action in actions : split(":", action)[0]]) :
      service => [for action in actions : action if startswith(action, "${service}:") && !can(regex(local.identity_actions, action))]
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

  # Beside what components call, whatever they are: states, identities, and what is out of reach.
  beside = { plan = local.state_of_plan, apply = concat(local.state_of_apply, local.identities, local.guard) }

  # AWS takes 6144 characters in a policy and ten policies on a role: statements go, in their order, into as few as they fit.
  # How many these are must be known while planning, so what holds ARNs of other instances is in a policy of its own.
  most = 3000
  all  = { for role, statements in local.granted : role => [for statement in statements : jsonencode(statement)] }
  upto = { for role, texts in local.all : role => [for number in range(length(texts)) : sum([for text in slice(texts, 0, number + 1) : length(text)])] }
  parts = merge(
    { for role in keys(local.all) : "${role}-beside" => { role = role, statements = null } },
    {
      for part in distinct(flatten([for role, ends in local.upto : [for end in ends : { role = role, number = floor(end / local.most) }]])) :
      "${part.role}-${part.number}" => {
        role       = part.role
        statements = [for at, text in local.all[part.role] : text if floor(local.upto[part.role][at] / local.most) == part.number]
      }
    },
  )
}

resource "aws_iam_policy" "this" {
  for_each = local.parts

  name        = "${local.id}-${each.key}"
  description = "Part of what the role ${local.id}-${each.value.role} may do"
  tags        = var.tags
  policy      = "{\"Version\":\"2012-10-17\",\"Statement\":[${join(",", coalesce(each.value.statements, [for statement in local.beside[each.value.role] : jsonencode(statement)]))}]}"

  lifecycle {
    precondition {
      condition     = length(local.parts) <= 20 && length(join(",", coalesce(each.value.statements, [for statement in local.beside[each.value.role] : jsonencode(statement)]))) <= 6000
      error_message = "components, passed_roles or protected_roles must be fewer: AWS takes 6144 characters in a policy and ten policies on a role. Make two instances, for two groups of components."
    }
  }
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = local.parts

  role       = aws_iam_role.this[each.value.role].name
  policy_arn = aws_iam_policy.this[each.key].arn
}
