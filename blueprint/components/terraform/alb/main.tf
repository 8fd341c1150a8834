locals {
  # AWS allows 32 characters here; a longer name is cut, and a digest keeps it its own.
  name = length(local.id) <= 32 ? local.id : "${trimsuffix(substr(local.id, 0, 25), "-")}-${substr(sha1(local.id), 0, 6)}"

  # What cannot be changed in place is in the name, so the new target group can exist beside the old one.
  target_group_names = {
    for key, group in var.target_groups :
    key => "${trimsuffix(substr("${var.stage}-${var.name}-${key}", 0, 25), "-")}-${substr(sha1(jsonencode([local.id, key, group.port, group.protocol, group.target_type, var.vpc_id])), 0, 6)}"
  }
}

resource "aws_lb" "this" {
  name                       = local.name
  internal                   = var.internal
  load_balancer_type         = "application"
  subnets                    = var.subnet_ids
  security_groups            = var.security_group_ids
  enable_deletion_protection = var.deletion_protection
  drop_invalid_header_fields = true
  desync_mitigation_mode     = "strictest"
  preserve_host_header       = true
  idle_timeout               = var.idle_timeout
  tags                       = merge(var.tags, { Name = local.id })

  access_logs {
    enabled = true
    bucket  = aws_s3_bucket.logs.bucket
    prefix  = "access"
  }

  connection_logs {
    enabled = true
    bucket  = aws_s3_bucket.logs.bucket
    prefix  = "connections"
  }

  lifecycle {
    precondition {
      condition     = !(var.stage == "prod" && !var.deletion_protection)
      error_message = "deletion_protection must be true in prod: the addresses of a load balancer that is gone do not come back."
    }
  }

  # AWS tries to write to the bucket when logging is switched on.
  depends_on = [aws_s3_bucket_policy.logs, aws_s3_bucket_server_side_encryption_configuration.logs]
}

resource "aws_lb_target_group" "this" {
  for_each                          = var.target_groups
  name                              = local.target_group_names[each.key]
  vpc_id                            = var.vpc_id
  port                              = each.value.port
  protocol                          = each.value.protocol
  protocol_version                  = each.value.protocol_version
  target_type                       = each.value.target_type
  deregistration_delay              = each.value.deregistration_delay
  slow_start                        = each.value.slow_start
  load_balancing_cross_zone_enabled = "true"
  tags                              = merge(var.tags, { Name = "${local.id}-${each.key}" })

  health_check {
    enabled             = true
    protocol            = each.value.protocol
    path                = each.value.health_check.path
    matcher             = each.value.health_check.matcher
    interval            = each.value.health_check.interval
    timeout             = each.value.health_check.timeout
    healthy_threshold   = each.value.health_check.healthy_threshold
    unhealthy_threshold = each.value.health_check.unhealthy_threshold
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.this.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = var.tls_policy
  certificate_arn   = var.certificate_arn
  tags              = var.tags

  dynamic "default_action" {
    for_each = var.default_target_group == null ? [] : [var.default_target_group]

    content {
      type             = "forward"
      target_group_arn = aws_lb_target_group.this[default_action.value].arn
    }
  }

  # Who asks for a host that nobody named is told nothing.
  dynamic "default_action" {
    for_each = var.default_target_group == null ? [404] : []

    content {
      type = "fixed-response"

      fixed_response {
        content_type = "text/plain"
        message_body = "Not found"
        status_code  = tostring(default_action.value)
      }
    }
  }
}

resource "aws_lb_listener_certificate" "this" {
  for_each        = var.additional_certificate_arns
  listener_arn    = aws_lb_listener.https.arn
  certificate_arn = each.value
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.this.arn
  port              = 80
  protocol          = "HTTP"
  tags              = var.tags

  default_action {
    type = "redirect"

    redirect {
      port        = "443"
      protocol    = "HTTPS"
      status_code = "HTTP_301"
    }
  }
}

resource "aws_lb_listener_rule" "this" {
  for_each     = var.rules
  listener_arn = aws_lb_listener.https.arn
  priority     = each.value.priority
  tags         = merge(var.tags, { Name = each.key })

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this[each.value.target_group].arn
  }

  dynamic "condition" {
    for_each = length(each.value.hosts) > 0 ? [each.value.hosts] : []

    content {
      host_header {
        values = condition.value
      }
    }
  }

  dynamic "condition" {
    for_each = length(each.value.paths) > 0 ? [each.value.paths] : []

    content {
      path_pattern {
        values = condition.value
      }
    }
  }
}

# Traffic reaches its targets: whoever is in the load balancer's first group, as the load balancer is, may come in where a
# target group listens, and nobody else by this.
resource "aws_vpc_security_group_ingress_rule" "targets" {
  for_each = var.target_security_group_ids

  security_group_id            = each.value
  description                  = "${local.id}: ${each.key}"
  ip_protocol                  = "tcp"
  from_port                    = var.target_groups[each.key].port
  to_port                      = var.target_groups[each.key].port
  referenced_security_group_id = var.security_group_ids[0]
  tags                         = merge(var.tags, { Name = "${local.id}-${each.key}" })
}
