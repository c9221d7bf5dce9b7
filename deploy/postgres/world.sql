create database world;
