from django.db import models


class Stock(models.Model):
    """A guarded counter."""

    capacity = models.IntegerField()
    sold = models.IntegerField(default=0)


class Purchase(models.Model):
    email = models.EmailField()
    created_at = models.DateTimeField(auto_now_add=True)


class Place(models.Model):
    purchase = models.ForeignKey(Purchase, on_delete=models.CASCADE)
    stock = models.ForeignKey(Stock, on_delete=models.CASCADE)
