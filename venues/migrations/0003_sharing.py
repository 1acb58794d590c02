from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("venues", "0002_search")]

    # Without a default, so that SQLite adds the column in place and keeps the table's triggers.
    operations = [
        migrations.AddField(
            "eventlisting",
            "changed_at",
            models.DateTimeField(help_text="When what is told of the event changed last, for calendars.", null=True),
        ),
    ]
