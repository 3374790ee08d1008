"""The workspace's own library: saved networks with their versions, and modules kept for use in any network.

Everything here works on documents; nothing imports Keras.
"""
