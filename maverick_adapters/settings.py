"""Everything that can be set from outside: the only reader of the environment.

Each setting is ``MAVERICK_`` and its name in capitals, in the environment or in a file ``.env`` in
the working directory; the environment wins. The reference page and ``.env.example`` are generated
from this class.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from maverick_core.kernel.errors import Rejected
from maverick_core.topology.workers import HARD_LIMIT_SECONDS, SOFT_LIMIT_SECONDS

Network = IPv4Network | IPv6Network


class Settings(BaseSettings):
    """The settings of a process, checked all at once."""

    model_config = SettingsConfigDict(
        env_prefix="MAVERICK_", env_file=".env", extra="ignore", frozen=True
    )

    database_url: str = Field(
        "sqlite:///maverick.db",
        repr=False,  # it may hold a password
        description="Where everything is kept: sqlite:///FILE or "
        "postgresql://USER:PASSWORD@HOST/NAME.",
    )
    bison_url: str = Field(
        "https://send.maverickmarketingllc.com",
        description="The Email Bison instance. http:// is allowed on this machine only.",
    )
    secret_key: SecretStr | None = Field(
        None,
        description="Encrypts the Bison tokens at rest; `maverick init` makes one. Several, "
        "separated by commas: the first encrypts, the others still decrypt.",
    )
    lease_seconds: float = Field(
        60.0,
        ge=1,
        le=3_600,
        description="Seconds that a batch stays with a worker that gives no sign of life.",
    )
    upload_threads: int = Field(
        4, ge=1, le=64, description="Batches that one process uploads at a time."
    )
    request_threads: int = Field(
        12, ge=1, le=128, description="Requests to Email Bison that one process has under way."
    )
    batch_in_flight: int = Field(
        4, ge=1, le=32, description="Requests to Email Bison under way for one batch."
    )
    bison_requests_per_minute: int = Field(
        3_000,
        ge=1,
        description="The pace kept for each workspace; Email Bison's 429 is obeyed too.",
    )
    bison_timeout_seconds: float = Field(
        120.0, gt=0, le=900, description="Seconds to wait for an answer of Email Bison."
    )
    bison_confirm_attach: bool = Field(
        default=True,
        description="After attaching leads to a campaign, ask which of them it really has.",
    )
    bison_create_only: bool = Field(
        default=False,
        description="Use the endpoint that refuses existing leads instead of updating them.",
    )
    import_bytes: int = Field(
        2 << 30, ge=1, description="The largest file that can be imported, in bytes."
    )
    sweep_seconds: float = Field(
        2.0, gt=0, description="Seconds between looks for batches that nobody works on."
    )
    sweep_patience_seconds: float = Field(
        60.0,
        gt=0,
        description="Seconds after which a batch that waits is announced to the workers again.",
    )
    pipeline_automatic: bool = Field(
        default=False,
        description="Let the relay ask for every stage that has work, so that what comes in goes "
        "on to Email Bison by itself, within targets and budgets. Off, people ask.",
    )
    redis_url: SecretStr | None = Field(
        None,
        description="The broker of `maverick worker`, `relay` and `up`, "
        "redis://:PASSWORD@HOST:PORT/NUMBER. Commands that upload by themselves need none.",
    )
    namespace: str = Field(
        "maverick",
        pattern="^[a-z0-9-]+$",
        description="Goes before every key in Redis: one for each deployment that shares it.",
    )
    topology: str = Field(
        "production",
        pattern="^(production|local)$",
        description="Which table of worker groups is used: production or local.",
    )
    soft_limit_seconds: float = Field(
        SOFT_LIMIT_SECONDS, gt=0, description="Seconds after which a task is interrupted."
    )
    hard_limit_seconds: float = Field(
        HARD_LIMIT_SECONDS,
        gt=0,
        description="Seconds after which the process of a task that cannot be interrupted is "
        "killed; its work goes on elsewhere.",
    )
    stop_seconds: float = Field(
        150.0,
        gt=0,
        description="Seconds that workers have to finish or hand back when they are asked to stop; "
        "longer than one answer of Email Bison may take.",
    )
    metrics_port: int = Field(
        9_191,
        ge=0,
        le=65_000,
        description="Port on 127.0.0.1 of the first queue's Prometheus metrics; each queue has "
        "the next one, in the order of `maverick topology show`. 0 turns them off.",
    )
    http_host: str = Field(
        "127.0.0.1", min_length=1, description="The address that `maverick serve` listens on."
    )
    http_port: int = Field(
        8_000,
        ge=0,
        le=65_535,
        description="The port that `maverick serve` listens on; with 0, `maverick up` goes "
        "without HTTP.",
    )
    http_workers: int = Field(2, ge=1, le=64, description="Processes that answer HTTP requests.")
    http_threads: int = Field(
        8, ge=1, le=128, description="Requests that one of these processes answers at a time."
    )
    http_stop_seconds: int = Field(
        30, ge=1, le=900, description="Seconds that requests have to be answered at a stop."
    )
    http_content_limit: int = Field(
        8_388_608, ge=1_024, description="Bytes that one part of a file sent over HTTP may have."
    )
    http_body_limit: int = Field(
        1_048_576, ge=1_024, description="Bytes that the body of an HTTP request may have."
    )
    http_requests_per_minute: int = Field(
        600, ge=1, description="HTTP requests that each key may make; with Redis, of all processes."
    )
    http_guesses_per_minute: int = Field(
        20, ge=1, description="HTTP requests with a bad key that one address may make."
    )
    http_trusted_proxies: str = Field(
        "",
        description="Networks of the proxies whose X-Forwarded-For is believed, separated by "
        "commas, for example 203.0.113.0/24.",
    )
    docs_url: str = Field(
        "/docs", description="Where this documentation is; errors over HTTP point to its pages."
    )
    slack_token: SecretStr | None = Field(
        None,
        description="The token of the Slack app that tells people of incidents (xoxb-…). "
        "Without one, incidents go to the log.",
    )
    slack_channel: str | None = Field(
        None,
        pattern="^([CG][A-Z0-9]+)?$",
        description="The id of the Slack channel that incidents are told in, not its name: "
        "C0123ABCD.",
    )
    slack_url: str = Field(
        "https://slack.com/api/", description="Slack's API; something else only in tests."
    )
    scrape_loopback: bool = Field(
        default=False,
        description="Let sources be on this machine, for a try. Anywhere else inside a network is "
        "never fetched.",
    )
    scrape_contact: str = Field(
        "",
        pattern=r"^[!-~]*$",
        max_length=200,
        description="Goes into every request to a site, so that its owner knows whom to write to: "
        "an address of a page.",
    )
    disposable_domains_url: str = Field(
        "",
        description="Where the list of disposable domains is refreshed from: an address, or a "
        "file, once a day. One domain a line, # for comments. Without it, only the packaged list "
        "counts.",
    )
    verifier: str = Field(
        "local",
        pattern="^(local|http)$",
        description="Who is asked about mailboxes: local (this machine: syntax, the domain's mail "
        "servers, lists) or http (a provider, at MAVERICK_VERIFIER_URL).",
    )
    verifier_url: str = Field(
        "", description="The provider's API. http:// is allowed on this machine only."
    )
    verifier_key: SecretStr | None = Field(None, description="The key of the provider's account.")
    verifier_daily_budget: int | None = Field(
        None,
        ge=0,
        description="Mailboxes that the provider is asked about in a day (UTC), by all workspaces "
        "together. Without it there is no limit.",
    )
    verifier_question_size: int = Field(
        10_000, ge=1, le=50_000, description="Mailboxes that are asked about in one request."
    )
    dns_servers: str = Field(
        "",
        description="Addresses of the DNS servers to ask for domains, separated by commas, for "
        "example 192.0.2.53,192.0.2.54. Without them, those of the system.",
    )
    log_level: str = Field(
        "WARNING",
        pattern="(?i)^(debug|info|warning|error|critical)$",
        description="What is logged.",
    )
    log_format: str = Field(
        "text", pattern="^(text|json)$", description="How it is logged: text or json."
    )

    @field_validator("http_trusted_proxies")
    @classmethod
    def _name_networks(cls, text: str) -> str:
        try:
            networks(text)
        except ValueError:
            words = "Write networks or addresses with commas between, such as 203.0.113.0/24"
            raise PydanticCustomError("networks", words) from None
        return text


def networks(text: str) -> tuple[Network, ...]:
    """Read the networks that a setting names, separated by commas.

    Raises:
        ValueError: one of them is none.

    """
    named = [each.strip() for each in text.split(",")]
    return tuple(ip_network(each, strict=False) for each in named if each)


def load_settings(**overrides: Any) -> Settings:
    """Read the settings; ``overrides`` win over the environment.

    Raises:
        Rejected: ``bad_settings``; names every variable that is wrong, one line each, without its
            value, because that may be a secret.

    """
    try:
        return Settings(**overrides)
    except ValidationError as error:
        lines = [_line(problem) for problem in error.errors(include_input=False)]
        raise Rejected(
            "\n".join(lines),
            code="bad_settings",
            remedy="Correct them in the environment or in .env.",
        ) from None


def _line(problem: Mapping[str, Any]) -> str:
    name = "_".join(str(part) for part in problem["loc"]).upper()
    return f"MAVERICK_{name}: {problem['msg']}."


def env_example() -> str:
    """Return the text of ``.env.example``: every setting, its meaning and its default."""
    lines = ["# Copy to .env and change what you need; every line shows the default."]
    for name, field in Settings.model_fields.items():
        default = "" if field.default is None else field.default
        lines += ["", f"# {field.description}", f"#MAVERICK_{name.upper()}={default}"]
    return "\n".join(lines) + "\n"
