"""Shapes of log-in, registration, profile and user administration."""

from __future__ import annotations

from marshmallow import Schema, fields, validate, validates_schema
from marshmallow.exceptions import ValidationError

from backend.api.schemas.common import InputSchema, PageSchema
from backend.db.accounts import Role

_ROLE = validate.OneOf([role.value for role in Role])
_NAME = {"description": "2 to 64 characters: a-z, 0-9 and . _ @ -"}
_PASSWORD = {"description": "At least 10 characters, at most 72 bytes", "format": "password"}


def _password(*, required: bool = True) -> fields.String:
    # The rules themselves live in the service; here only a bound on the size of the input.
    return fields.String(
        required=required, load_only=True, validate=validate.Length(max=1024), metadata=_PASSWORD
    )


def _username() -> fields.String:
    return fields.String(required=True, validate=validate.Length(min=1, max=128), metadata=_NAME)


class ProfileSchema(InputSchema):
    """What an account may say about its owner; empty text and null both remove it."""

    email = fields.String(allow_none=True, validate=validate.Length(max=254))
    date_of_birth = fields.Date(allow_none=True, metadata={"description": "YYYY-MM-DD"})
    place = fields.String(allow_none=True, validate=validate.Length(max=120))
    gender = fields.String(allow_none=True, validate=validate.Length(max=32))


class UserSchema(Schema):
    """An account."""

    id = fields.Integer()
    username = fields.String()
    role = fields.String(validate=_ROLE)
    is_active = fields.Boolean()
    must_change_password = fields.Boolean(
        metadata={"description": "Nothing else is allowed until the password is changed"}
    )
    email = fields.String(allow_none=True)
    date_of_birth = fields.Date(allow_none=True)
    place = fields.String(allow_none=True)
    gender = fields.String(allow_none=True)
    created_at = fields.AwareDateTime()
    last_login_at = fields.AwareDateTime(allow_none=True)


class UserPageSchema(PageSchema):
    """One page of accounts."""

    items = fields.List(fields.Nested(UserSchema))


class LogInSchema(InputSchema):
    """Name and password."""

    username = _username()
    password = _password()


class TokensSchema(Schema):
    """Both tokens, for clients that send them as Bearer, and whose they are."""

    access_token = fields.String(metadata={"description": "Lives for minutes"})
    refresh_token = fields.String(metadata={"description": "Lives for days, counts once"})
    user = fields.Nested(UserSchema)


class RegisterSchema(InputSchema):
    """A new viewer's account, while registration is switched on."""

    username = _username()
    password = _password()
    email = fields.String(allow_none=True, validate=validate.Length(max=254))


class ProfileChangeSchema(ProfileSchema):
    """Change of one's own profile, password, or both."""

    current_password = _password(required=False)
    new_password = _password(required=False)

    @validates_schema
    def _both_passwords(self, values: dict[str, object], **_context: object) -> None:
        if ("current_password" in values) != ("new_password" in values):
            missing = "new_password" if "current_password" in values else "current_password"
            raise ValidationError("Both passwords are needed to change it.", field_name=missing)


class UserCreateSchema(InputSchema):
    """A new account, made by an administrator."""

    username = _username()
    password = _password()
    role = fields.String(load_default=Role.VIEWER.value, validate=_ROLE)
    email = fields.String(allow_none=True, load_default=None, validate=validate.Length(max=254))
    must_change_password = fields.Boolean(load_default=True)


class UserChangeSchema(ProfileSchema):
    """Change of an account by an administrator; only what is given changes."""

    role = fields.String(validate=_ROLE)
    is_active = fields.Boolean()
    must_change_password = fields.Boolean()
    password = _password(required=False)
